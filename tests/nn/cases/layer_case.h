#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"
#include "mien/tensor.h"

// A layer to be tested as all are. Each family has its cases in a file of its own, and what Keras
// gives for them from tests/golden/layer_cases/<family>.py, under the same names.

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
    each.value.copy_from(each.name.find("variance") != std::string::npos ? abs(value) + 0.5
                                                                         : value);
  }
}

struct LayerCase {
  std::string name;
  std::unique_ptr<nn::Module> layer;
  std::vector<Shape> inputs;  // with batch
  int ids = 0;                // the input is whole numbers below this, which have no gradient

  Tensors tensors(DType dtype) const {
    Tensors out;
    for (std::size_t i = 0; i < inputs.size(); ++i) out.push_back(filled(inputs[i], int(i), dtype));
    if (ids > 0) out[0] = (abs(out[0]) * ids).to(DType::i32).to(dtype);
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

/// Several outputs as one vector.
inline Tensor joined(const Tensors& outputs) {
  if (outputs.size() == 1) return outputs[0];
  std::vector<Tensor> flat;
  for (const Tensor& each : outputs) flat.push_back(each.view({each.numel()}));
  return concatenate(flat);
}

inline const Shape kImage{2, 5, 6, 4}, kRow{3, 7};

/// add("dense", nn::Dense(5), {kRow}) appends a case.
struct LayerCases {
  std::vector<LayerCase> all{};

  template <class M>
  void operator()(std::string name, M layer, std::vector<Shape> inputs) {
    all.push_back({std::move(name), std::make_unique<M>(std::move(layer)), std::move(inputs), 0});
  }
};

}  // namespace mien
