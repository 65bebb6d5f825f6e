// Every layer: its gradients, its shapes, and what it says to inputs that do not fit.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using nn::Config;

struct Case {
  std::string what;
  std::unique_ptr<nn::Module> layer;
  Shape in, out;  // without batch
};

template <class M>
void put(std::vector<Case>& cases, std::string what, M layer, const Shape& in, const Shape& out) {
  cases.push_back({std::move(what), std::make_unique<M>(std::move(layer)), in, out});
}

std::vector<Case> all_layers() {
  std::vector<Case> c;
  put(c, "dense", nn::Dense(3), {4}, {3});
  put(c, "dense on rows", nn::Dense(3, {.activation = Act::tanh, .use_bias = false}), {2, 4},
      {2, 3});
  put(c, "dense with softmax", nn::Dense(3, {.activation = Act::softmax}), {4}, {3});
  put(c, "conv2d", nn::Conv2D(4, {3, 3}), {5, 6, 2}, {3, 4, 4});
  put(c, "conv2d same",
      nn::Conv2D(4, {3, 2}, {.strides = {2, 1}, .padding = nn::same, .activation = Act::sigmoid}),
      {5, 6, 2}, {3, 6, 4});
  put(c, "conv2d grouped",
      nn::Conv2D(4, {2, 2}, {.dilation_rate = {2, 1}, .groups = 2, .use_bias = false}), {5, 4, 2},
      {3, 3, 4});
  put(c, "depthwise", nn::DepthwiseConv2D({3, 3}, {.padding = nn::same, .depth_multiplier = 2}),
      {4, 5, 2}, {4, 5, 4});
  put(c, "max pooling", nn::MaxPooling2D(), {4, 5, 2}, {2, 2, 2});
  put(c, "max pooling same", nn::MaxPooling2D({3, 2}, {.strides = {2, 2}, .padding = nn::same}),
      {5, 5, 1}, {3, 3, 1});
  put(c, "average pooling", nn::AveragePooling2D({2, 2}, {.padding = nn::same}), {3, 5, 2},
      {2, 3, 2});
  put(c, "global average", nn::GlobalAveragePooling2D(), {3, 2, 4}, {4});
  put(c, "global max", nn::GlobalMaxPooling2D({.keepdims = true}), {3, 2, 4}, {1, 1, 4});
  put(c, "batch normalization", nn::BatchNormalization(), {3, 2, 4}, {3, 2, 4});
  put(c, "batch normalization without scale",
      nn::BatchNormalization({.center = true, .scale = false}), {4}, {4});
  put(c, "layer normalization", nn::LayerNormalization(), {3, 4}, {3, 4});
  put(c, "dropout", nn::Dropout(0.5), {8}, {8});
  put(c, "activation", nn::Activation(Act::elu), {5}, {5});
  put(c, "softmax", nn::Softmax(), {5}, {5});
  put(c, "softmax over another axis", nn::Softmax(1), {3, 2}, {3, 2});
  put(c, "relu", nn::ReLU(), {6}, {6});
  put(c, "relu with all options",
      nn::ReLU({.max_value = 0.7, .negative_slope = 0.1, .threshold = 0.2}), {6}, {6});
  put(c, "leaky relu", nn::LeakyReLU(), {6}, {6});
  put(c, "elu", nn::ELU(0.5), {6}, {6});
  put(c, "flatten", nn::Flatten(), {2, 3, 2}, {12});
  put(c, "reshape", nn::Reshape({4, -1}), {2, 3, 2}, {4, 3});
  put(c, "zero padding", nn::ZeroPadding2D({1, 2, 0, 3}), {2, 2, 2}, {5, 5, 2});
  put(c, "up-sampling", nn::UpSampling2D({2, 3}), {2, 2, 2}, {4, 6, 2});
  put(c, "up-sampling bilinear",
      nn::UpSampling2D({2, 2}, {.interpolation = Interpolation::bilinear}), {3, 2, 1}, {6, 4, 1});
  put(c, "rescaling", nn::Rescaling(0.5, 1.0), {3}, {3});
  return c;
}

Shape built(nn::Module& layer, const Shape& in) {
  return layer.build(std::span<const Shape>(&in, 1))[0];
}

TEST_CASE("every layer's gradients are those of differences, parameters included", "[nn]") {
  for (Case& each : all_layers()) {
    INFO(each.what);
    REQUIRE(built(*each.layer, each.in) == each.out);
    each.layer->to(DType::f64);
    Tensors leaves = random_tensor(join({3}, each.in), 11);
    leaves[0].requires_grad();
    std::uint64_t seed = 20;
    for (NamedTensor& parameter : each.layer->parameters()) {
      parameter.value.copy_from(random_tensor(parameter.value.shape(), ++seed, 0.2, 1.0));
      leaves.push_back(parameter.value);
    }
    const auto forward = [&] {
      Generator random(5);
      nn::Pass pass{.training = true, .random = &random};
      return each.layer->call(std::span<const Tensor>(&leaves[0], 1), pass)[0];
    };
    REQUIRE(forward().shape() == join({3}, each.out));
    REQUIRE(gradcheck_leaves(forward, leaves) == "");
  }
}

TEST_CASE("every layer comes back from its config and gives the same", "[nn]") {
  for (Case& each : all_layers()) {
    INFO(each.what);
    each.layer->set_name("first");
    built(*each.layer, each.in);
    const std::unique_ptr<nn::Module> again = nn::make_layer(nn::layer_config(*each.layer));
    REQUIRE(again->name() == "first");
    REQUIRE(built(*again, each.in) == each.out);
    State weights;
    each.layer->save(weights);
    again->load(weights);
    const Tensor x = random_tensor(join({2}, each.in), 3, -1, 1, DType::f32);
    nn::Pass a, b;
    REQUIRE(values(each.layer->call(std::span<const Tensor>(&x, 1), a)[0]) ==
            values(again->call(std::span<const Tensor>(&x, 1), b)[0]));
  }
}

TEST_CASE("every layer takes an empty batch", "[nn]") {
  for (Case& each : all_layers()) {
    INFO(each.what);
    built(*each.layer, each.in);
    nn::Pass inference;
    const Tensor x = Tensor::zeros(join({0}, each.in));
    REQUIRE(each.layer->call(std::span<const Tensor>(&x, 1), inference)[0].shape() ==
            join({0}, each.out));
  }
}

TEST_CASE("all known layers are among those tested here or hold others", "[nn]") {
  std::vector<std::string> untested;
  for (const std::string& kind : nn::registered_layers()) {
    bool tested = kind == "Add" || kind == "Concatenate" || kind == "Graph" ||
                  kind == "Sequential";  // graph_test
    for (const Case& each : all_layers()) tested = tested || each.layer->kind() == kind;
    if (!tested) untested.push_back(kind);
  }
  REQUIRE(untested.empty());
}

TEST_CASE("layers say what does not fit, with both shapes", "[nn]") {
  nn::Conv2D conv(8, {3, 3}, {.name = "stem"});
  REQUIRE_THROWS_WITH(conv.build(Shape{7}),
                      "stem (Conv2D): each sample must be [H, W, C]; got [7]");
  conv.build(Shape{5, 5, 2});
  REQUIRE_THROWS_WITH(conv.build(Shape{5, 5, 3}),
                      "stem (Conv2D): was built for inputs of 2 channels; got 3");
  REQUIRE_THROWS_AS(conv(Tensor::zeros({1, 5, 5, 3})), ShapeError);
  REQUIRE_THROWS_WITH(nn::Dense(0), "Dense: units must be at least 1; got 0");
  REQUIRE_THROWS_WITH(nn::Conv2D(5, {3, 3}, {.groups = 2}),
                      "Conv2D: filters must be a multiple of groups; got 5 and 2");
  REQUIRE_THROWS_WITH(nn::Dropout(1.0), "Dropout: rate must be at least 0 and below 1; got 1");
  REQUIRE_THROWS_WITH(nn::Reshape({5}).build(Shape{2, 3}),
                      "Reshape: samples of [2, 3] do not fit [5]");
  REQUIRE_THROWS_WITH(
      nn::BatchNormalization({.axis = 1}).build(Shape{4, 4, 2}),
      "BatchNormalization: only the last axis is normalized; got axis 1 for samples of [4, 4, 2]");
  REQUIRE_THROWS_WITH(nn::make_layer(Config().set("class_name", "Foo").set("name", "foo_1")),
                      "unknown layer 'Foo' ('foo_1'): make it known with nn::register_layer()");
}

TEST_CASE("batch normalization moves its statistics as Keras 3 does", "[nn]") {
  nn::BatchNormalization bn;
  bn.build(Shape{2});
  // Keras 3's own numbers for [[1, 2], [3, 6]].
  const Tensor x = Tensor::from({1, 2, 3, 6}, {2, 2});
  nn::Pass training{.training = true};
  const Tensor y = bn(x, training);
  REQUIRE(values(y)[0] == Approx(-1 / std::sqrt(1.001)));
  const std::vector<NamedTensor> statistics = bn.buffers();
  REQUIRE(statistics[0].name == "moving_mean");
  REQUIRE(values(statistics[0].value)[0] == Approx(.02));
  REQUIRE(values(statistics[0].value)[1] == Approx(.04));
  REQUIRE(values(statistics[1].value)[0] == Approx(1.0));
  REQUIRE(values(statistics[1].value)[1] == Approx(1.03));
}

TEST_CASE("frozen batch normalization is in inference mode and gets no gradient", "[nn]") {
  nn::BatchNormalization bn;
  bn.build(Shape{2});
  bn.freeze();
  nn::Pass training{.training = true};
  const Tensor x = Tensor::from({1, 2, 3, 6}, {2, 2});
  REQUIRE(values(bn(x, training))[3] == Approx(6 / std::sqrt(1.001)));
  REQUIRE(values(bn.buffers()[0].value) == std::vector<double>{0, 0});
  REQUIRE_FALSE(bn.parameters()[0].value.needs_grad());
  bn.freeze(false);
  REQUIRE(bn.parameters()[0].value.needs_grad());
}

TEST_CASE("dropout acts in training only", "[nn]") {
  const nn::Dropout drop(0.25);
  const Tensor x = Tensor::ones({1000});
  REQUIRE(drop(x).is(x));
  Generator random(1);
  nn::Pass training{.training = true, .random = &random};
  double kept = 0;
  for (const double v : values(drop(x, training))) {
    REQUIRE((v == 0 || v == Approx(4.0 / 3)));
    kept += v > 0;
  }
  REQUIRE(kept == Approx(750).margin(60));
}

}  // namespace
}  // namespace mien
