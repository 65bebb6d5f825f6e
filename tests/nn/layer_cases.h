#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "mien/tensor.h"

// The layers that tests/golden/make_golden_layers.py asks Keras about, under the same names.

namespace mien {

/// sin(0.7 (i + 1) + k) for the i-th element, row by row.
inline Tensor filled(const Shape& shape, int k, DType dtype) {
  std::vector<double> values(std::size_t(shape.numel()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(0.7 * double(i + 1) + k);
  return Tensor::from(values, shape, {.dtype = dtype});
}

/// The weights that the fixtures were made with: parameters first, then buffers, as in Keras.
inline void fill_weights(nn::Module& layer) {
  std::vector<NamedTensor> all = layer.parameters();
  for (const NamedTensor& each : layer.buffers()) all.push_back(each);
  int k = 10;
  for (NamedTensor& each : all) {
    const Tensor value = 0.5 * filled(each.value.shape(), k++, each.value.dtype());
    each.value.copy_from(each.name.find("moving_variance") != std::string::npos ? abs(value) + 0.5
                                                                                : value);
  }
}

struct LayerCase {
  const char* name;
  std::unique_ptr<nn::Module> layer;
  std::vector<Shape> inputs;  // with batch

  Tensors tensors(DType dtype) const {
    Tensors out;
    for (std::size_t i = 0; i < inputs.size(); ++i) out.push_back(filled(inputs[i], int(i), dtype));
    return out;
  }
  /// Builds the layer with weights of that type, filled as in the fixtures.
  void build(DType dtype) {
    Shapes samples;
    for (const Shape& input : inputs) samples.push_back(input.slice(1));
    layer->build(samples);
    layer->to(dtype);
    fill_weights(*layer);
  }
};

inline std::vector<LayerCase> layer_cases() {
  using namespace nn;
  const Shape image{2, 5, 6, 4}, row{3, 7};
  std::vector<LayerCase> cases;
  const auto add = [&cases]<class M>(const char* name, M layer, std::vector<Shape> inputs) {
    cases.push_back({name, std::make_unique<M>(std::move(layer)), std::move(inputs)});
  };
  add("dense", Dense(5, {.activation = Act::tanh, .kernel_regularizer = {.l2 = 0.01}}), {row});
  add("dense_softmax",
      Dense(3, {.activation = Act::softmax, .use_bias = false, .kernel_initializer = he_normal()}),
      {{2, 4, 7}});
  add("conv2d", Conv2D(3, {3, 2}, {.activation = Act::relu}), {image});
  add("conv2d_same", Conv2D(3, {3, 3}, {.strides = {2, 2}, .padding = same}), {image});
  add("conv2d_dilated", Conv2D(3, {2, 3}, {.padding = same, .dilation_rate = {2, 1}}), {image});
  add("conv2d_groups", Conv2D(6, {3, 3}, {.groups = 2, .use_bias = false}), {image});
  add("depthwise", DepthwiseConv2D({3, 3}, {.depth_multiplier = 2, .activation = Act::sigmoid}),
      {image});
  add("depthwise_same", DepthwiseConv2D({3, 3}, {.strides = {2, 2}, .padding = same}), {image});
  add("max_pooling", MaxPooling2D(), {image});
  add("max_pooling_same", MaxPooling2D({3, 2}, {.strides = {2, 1}, .padding = same}), {image});
  add("average_pooling", AveragePooling2D({2, 3}), {image});
  add("average_pooling_same", AveragePooling2D({3, 3}, {.strides = {2, 2}, .padding = same}),
      {image});
  add("global_average", GlobalAveragePooling2D(), {image});
  add("global_max", GlobalMaxPooling2D({.keepdims = true}), {image});
  add("batch_normalization", BatchNormalization(), {image});
  add("batch_normalization_plain", BatchNormalization({.center = false, .scale = false}), {row});
  add("layer_normalization", LayerNormalization(), {image});
  add("dropout", Dropout(0.5), {row});
  add("activation", Activation(Act::gelu), {row});
  add("relu", ReLU({.max_value = 0.6, .negative_slope = 0.1, .threshold = 0.2}), {row});
  add("relu_plain", ReLU(), {row});
  add("leaky_relu", LeakyReLU(), {row});
  add("elu", ELU(0.7), {row});
  add("softmax", Softmax(), {row});
  add("softmax_axis", Softmax(1), {image});
  add("flatten", Flatten(), {image});
  add("reshape", Reshape({4, -1, 3}), {image});
  add("zero_padding", ZeroPadding2D({1, 0, 2, 1}), {image});
  add("up_sampling", UpSampling2D({2, 3}), {image});
  add("up_sampling_bilinear", UpSampling2D({2, 2}, {.interpolation = Interpolation::bilinear}),
      {image});
  add("rescaling", Rescaling(1 / 127.5, -1), {row});
  add("add", Add(), {image, image, {2, 1, 1, 4}});
  add("concatenate", Concatenate(), {image, {2, 5, 6, 1}});
  add("concatenate_rows", Concatenate(1), {image, {2, 2, 6, 4}});
  return cases;
}

}  // namespace mien
