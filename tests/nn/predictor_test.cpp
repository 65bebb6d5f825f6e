#include "mien/nn/predictor.h"

#include <thread>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Moving statistics and affine parts other than 0 and 1.
void unsettle(const nn::Module& model) {
  std::uint64_t seed = 1;
  for (const NamedTensor& each : model.parameters()) {
    Tensor value = each.value.detach();
    value.copy_from(random_tensor(value.shape(), ++seed, -0.5, 0.5));
  }
  for (const NamedTensor& each : model.buffers()) {
    Tensor value = each.value;
    value.copy_from(random_tensor(value.shape(), ++seed, 0.2, 2.0));
  }
}

Tensor noise(const Shape& shape, std::uint64_t seed) {
  return random_tensor(shape, seed, -1, 1, DType::f32);
}

nn::Sequential expression_network() {
  nn::Sequential model{
      nn::Conv2D(8, {3, 3}, {.padding = nn::same}),
      nn::BatchNormalization(),
      nn::Activation(Act::relu),
      nn::MaxPooling2D(),
      nn::Dropout(0.25),
      nn::Conv2D(16, {5, 5}, {.strides = {2, 2}, .padding = nn::same, .activation = Act::relu}),
      nn::BatchNormalization(),  // not foldable: behind the activation
      nn::Conv2D(8, {3, 3}, {.use_bias = false}),
      nn::BatchNormalization({.center = false, .scale = false}),
      nn::ReLU(),
      nn::Conv2D(4, {1, 1}, {.activation = Act::gelu}),
      nn::MaxPooling2D({2, 2}, {.strides = {1, 1}}),
      nn::Flatten(),
      nn::Dense(12),
      nn::BatchNormalization(),
      nn::Activation(Act::relu),
      nn::Dropout(0.5),
      nn::Dense(7, {.activation = Act::softmax})};
  model.build({20, 20, 2});
  unsettle(model);
  return model;
}

TEST_CASE("a predictor gives what the model gives", "[nn]") {
  const nn::Sequential model = expression_network();
  const nn::Predictor predict(model);
  for (const int n : {1, 3, 17, 0}) {
    CAPTURE(n);
    const Tensor x = noise({n, 20, 20, 2}, 7);
    REQUIRE(predict(x).shape() == Shape{n, 7});
    REQUIRE(relative_error(predict(x), model(x)) < 1e-5);
  }
  REQUIRE(predict.str() ==
          "conv2d 3x3x8, relu, max_pool2d 2x2\n"
          "conv2d 5x5x16, relu\n"
          "layer batch_normalization_1\n"
          "conv2d 3x3x8, relu\n"
          "conv2d 1x1x4, gelu, max_pool2d 2x2\n"
          "layer flatten\n"
          "dense 16x12, relu\n"
          "dense 12x7, softmax\n");
}

TEST_CASE("a predictor follows a graph with branches, shared layers and several outputs", "[nn]") {
  nn::Graph g;
  const auto a = g.input({6, 6, 3});
  auto y = g.add(nn::Conv2D(3, {3, 3}, {.padding = nn::same}), a);
  const auto branch = y;  // used twice: the batch normalization must not be folded into it
  y = g.add(nn::BatchNormalization(), y);
  y = g.add(nn::Add(), {branch, y});
  nn::Module& shared = g.own(nn::Conv2D(3, {3, 3}, {.padding = nn::same}));
  y = g.call(shared, {y});
  y = g.add(nn::BatchNormalization(), y);
  g.output(y);
  y = g.call(shared, {y});
  nn::Sequential head{nn::Flatten(), nn::Dense(4), nn::BatchNormalization()};
  g.output(g.add(std::move(head), y));
  unsettle(g);
  const nn::Predictor predict(g);
  const Tensor x = noise({2, 6, 6, 3}, 3);
  nn::Pass inference;
  const Tensors want = g.call(Tensors{x}, inference), got = predict.call(Tensors{x});
  REQUIRE(got.size() == 2);
  REQUIRE(relative_error(got[0], want[0]) < 1e-5);
  REQUIRE(relative_error(got[1], want[1]) < 1e-5);
}

TEST_CASE("a predictor can own its model, and keeps the weights it was made with", "[nn]") {
  nn::Sequential model = expression_network();
  const Tensor x = noise({2, 20, 20, 2}, 5), before = model(x);
  const nn::Predictor predict(std::move(model));
  REQUIRE(relative_error(predict(x), before) < 1e-5);
}

TEST_CASE("threads share one predictor", "[nn]") {
  const nn::Sequential model = expression_network();
  const nn::Predictor predict(model);
  std::vector<Tensor> inputs, want, got(4);
  for (std::uint64_t i = 0; i < got.size(); ++i) {
    inputs.push_back(noise({std::int64_t(i + 1), 20, 20, 2}, i));
    want.push_back(predict(inputs.back()));
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) got[i] = predict(inputs[i]);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(values(got[i]) == values(want[i]));
}

TEST_CASE("a predictor runs layers of the user's own", "[nn]") {
  class Doubles : public nn::Layer {
   public:
    Tensor forward(const Tensor& x, nn::Pass&) const override { return x * 2.0; }
  };
  nn::Sequential model{nn::Dense(3), Doubles(), nn::Activation(Act::relu)};
  model.build({4});
  const Tensor x = noise({5, 4}, 1);
  REQUIRE(relative_error(nn::Predictor(model)(x), model(x)) < 1e-6);
}

TEST_CASE("a predictor says what it cannot do", "[nn]") {
  nn::Sequential model{nn::Dense(3)};
  REQUIRE_THROWS_AS(nn::Predictor(model), ValueError);
  model.build({4});
  REQUIRE_THROWS_AS(nn::Predictor(model)(noise({2, 5}, 1)), ShapeError);
  REQUIRE_THROWS_AS(nn::Predictor(model).call(Tensors{}), ValueError);
}

}  // namespace
}  // namespace mien
