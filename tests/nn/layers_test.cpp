#include <algorithm>
#include <set>
#include <string>

#include "mien/mien.h"
#include "tests/nn/layer_cases.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

bool same_config(const nn::Config& a, const nn::Config& b);
bool same_value(const nn::Config::Value& a, const nn::Config::Value& b) {
  const auto* list = std::get_if<nn::Config::List>(&a);
  if (!list) {
    if (a.index() != b.index()) return false;
    return std::visit(
        [&b](const auto& x) {
          using T = std::decay_t<decltype(x)>;
          if constexpr (std::is_same_v<T, nn::Config::List>)
            return false;
          else
            return x == std::get<T>(b);
        },
        a);
  }
  const auto* other = std::get_if<nn::Config::List>(&b);
  return other && std::equal(list->begin(), list->end(), other->begin(), other->end(), same_config);
}
bool same_config(const nn::Config& a, const nn::Config& b) {
  return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                    [](const nn::Config::Item& x, const nn::Config::Item& y) {
                      return x.key == y.key && same_value(x.value, y.value);
                    });
}

TEST_CASE("every layer gives Keras's values", "[nn]") {
  for (LayerCase& each : layer_cases()) {
    INFO(each.name);
    each.build(DType::f32);
    nn::Pass pass{.training = each.name.ends_with("_training")};
    const Tensor y = joined(each.layer->call(each.tensors(DType::f32), pass));
    CHECK(relative_error(y, golden(std::string("layers/") + each.name)) < 2e-6);
  }
}

TEST_CASE("every layer's build() says the shape that call() gives", "[nn]") {
  for (LayerCase& each : layer_cases()) {
    INFO(each.name);
    Shapes samples;
    for (const Shape& input : each.inputs) samples.push_back(input.slice(1));
    const Shapes wanted = each.layer->build(samples);
    const std::size_t weights = each.layer->parameters().size();
    CHECK(each.layer->build(samples)[0] == wanted[0]);
    CHECK(each.layer->parameters().size() == weights);  // a repeated build changes nothing
    for (const bool training : {false, true}) {
      nn::Pass pass{.training = training};
      const Tensors y = each.layer->call(each.tensors(DType::f32), pass);
      REQUIRE(y.size() == wanted.size());
      for (std::size_t i = 0; i < y.size(); ++i) {
        CHECK(y[i].shape().slice(1) == wanted[i]);
        CHECK(y[i].shape()[0] == each.inputs[0][0]);
      }
    }
  }
}

TEST_CASE("every layer's gradients are right, for inputs and parameters", "[nn]") {
  for (LayerCase& each : layer_cases()) {
    INFO(each.name);
    each.build(DType::f64);
    const Tensors inputs = each.tensors(DType::f64);
    Tensors leaves;
    if (each.ids == 0)
      for (Tensor input : inputs) leaves.push_back(input.requires_grad());
    for (const NamedTensor& parameter : each.layer->parameters()) leaves.push_back(parameter.value);
    const auto f = [&] {
      Generator random(5);  // dropout draws the same each time
      nn::Pass pass{.training = true, .random = &random};
      return joined(each.layer->call(inputs, pass));
    };
    CHECK(gradcheck_leaves(f, leaves) == "");
  }
}

TEST_CASE("every layer comes back from its config", "[nn]") {
  std::set<std::string> kinds;
  for (LayerCase& each : layer_cases()) {
    INFO(each.name);
    each.layer->set_name("mine");
    each.layer->freeze();
    const nn::Config config = nn::layer_config(*each.layer);
    LayerCase copy{each.name, nn::make_layer(config), each.inputs, each.ids};
    CHECK(same_config(nn::layer_config(*copy.layer), config));
    CHECK(copy.layer->name() == "mine");
    CHECK(copy.layer->frozen());
    each.build(DType::f32);
    copy.build(DType::f32);
    nn::Pass inference;
    const Tensors x = each.tensors(DType::f32);
    CHECK(values(joined(each.layer->call(x, inference))) ==
          values(joined(copy.layer->call(x, inference))));
    CHECK(copy.layer->penalties().size() == each.layer->penalties().size());
    kinds.insert(std::string(each.layer->kind()));
  }
  kinds.insert({"Sequential", "Graph"});  // tested in their own files
  kinds.insert("ThresholdedReLU");        // becomes a ReLU
  const std::vector<std::string> known = nn::registered_layers();
  CHECK(std::set<std::string>(known.begin(), known.end()) == kinds);
}

TEST_CASE("layer configs have Keras's keys and nested objects", "[nn]") {
  const nn::Config config =
      nn::layer_config(nn::Conv2D(8, {3, 3},
                                  {.padding = nn::same,
                                   .activation = Act::relu,
                                   .kernel_initializer = nn::he_normal(),
                                   .kernel_regularizer = {.l1 = 0.5, .l2 = 0.25}}));
  std::vector<std::string> keys;
  for (const nn::Config::Item& item : config.items()) keys.push_back(item.key);
  CHECK(keys == std::vector<std::string>{"class_name", "name", "trainable", "filters",
                                         "kernel_size", "strides", "padding", "data_format",
                                         "dilation_rate", "groups", "activation", "use_bias",
                                         "kernel_initializer", "bias_initializer",
                                         "kernel_regularizer", "bias_regularizer"});
  CHECK(config.get_string("padding", "") == "same");
  CHECK(config.get_ints("kernel_size", {}) == nn::Config::Ints{3, 3});
  CHECK(config.get_list("kernel_initializer").at(0).get_string("class_name", "") == "HeNormal");
  const nn::Config& penalty = config.get_list("kernel_regularizer").at(0);
  CHECK(penalty.get_string("class_name", "") == "L1L2");
  CHECK(penalty.get_double("l2", 0) == 0.25);
}

TEST_CASE("configs of older files are understood", "[nn]") {
  const auto layer = [](nn::Config config, std::initializer_list<std::int64_t> in) {
    const auto made = nn::make_layer(config);
    const Shape sample(in);
    return made->build(std::span<const Shape>(&sample, 1))[0];
  };
  nn::Config batch_norm;  // a list of one axis, counted with the batch
  batch_norm.set("class_name", "BatchNormalization").set("axis", nn::Config::Ints{3});
  CHECK(layer(batch_norm, {4, 4, 8}) == Shape{4, 4, 8});
  CHECK_THROWS_AS(layer(batch_norm, {8}), ShapeError);
  nn::Config pool;
  pool.set("class_name", "MaxPooling2D").set("pool_size", 3).set("strides", nn::Config::Value());
  CHECK(layer(pool, {9, 9, 2}) == Shape{3, 3, 2});
  nn::Config padding;
  padding.set("class_name", "ZeroPadding2D").set("padding", nn::Config::Ints{1, 2});
  CHECK(layer(padding, {4, 4, 1}) == Shape{6, 8, 1});
  nn::Config cropping;
  cropping.set("class_name", "Cropping2D").set("cropping", 1);
  CHECK(layer(cropping, {4, 5, 1}) == Shape{2, 3, 1});
  nn::Config dot;
  dot.set("class_name", "Dot").set("axes", -1);
  CHECK(nn::make_layer(dot)->build(Shapes{{3}, {2, 3}})[0] == Shape{2});
}

TEST_CASE("an empty batch passes through every layer", "[nn]") {
  for (LayerCase& each : layer_cases()) {
    INFO(each.name);
    each.build(DType::f32);
    nn::Pass inference;
    Tensors empty;
    for (const Tensor& x : each.tensors(DType::f32)) empty.push_back(x.slice(0, 0));
    CHECK(each.layer->call(empty, inference)[0].numel() == 0);
  }
}

}  // namespace
}  // namespace mien
