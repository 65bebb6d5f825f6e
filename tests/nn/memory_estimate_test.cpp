#include "mien/nn/memory_estimate.h"

#include "mien/base/error.h"
#include "mien/nn.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

constexpr int kBytes = 4;

TEST_CASE("a model's memory is its weights', the optimizer's and its activations'", "[nn]") {
  nn::Sequential model{nn::Dense(4), nn::Dense(2)};
  REQUIRE_THROWS_AS(nn::estimate_memory(model), ValueError);
  model.build({3});
  const int weights = (3 * 4 + 4 + 4 * 2 + 2) * kBytes;
  const nn::MemoryEstimate adam = nn::estimate_memory(model, {.batch = 8});
  CHECK(adam.weights == weights);
  CHECK(adam.training == 4 * weights + 8 * (3 + 4 + 2) * kBytes);
  CHECK(adam.inference == weights + 8 * (3 + 4) * kBytes);
  CHECK(nn::estimate_memory(model, {.batch = 8, .optimizer_slots = 0}).training ==
        2 * weights + 8 * (3 + 4 + 2) * kBytes);
  model.layer(std::size_t(0)).freeze();
  CHECK(nn::estimate_memory(model, {.batch = 8}).training ==
        weights + 3 * (4 * 2 + 2) * kBytes + 8 * (3 + 4 + 2) * kBytes);
  REQUIRE_THROWS_WITH(nn::estimate_memory(model, {.batch = 0}),
                      "estimate_memory: batch must be at least 1; got 0");
}

TEST_CASE("what is computed together is counted once", "[nn]") {
  nn::Sequential model{nn::BatchNormalization(), nn::Activation(Act::relu), nn::MaxPooling2D(),
                       nn::Flatten()};
  model.build({4, 4, 2});
  const int weights = 4 * 2 * kBytes, trained = 2 * 2 * kBytes, x = 32, y = 8;
  CHECK(nn::estimate_memory(model, {.batch = 1}).training ==
        weights + 3 * trained + x * kBytes + y * (kBytes + 1));
  CHECK(nn::estimate_memory(model, {.batch = 1}).inference == weights + (x + y) * kBytes);
  model.fuse(false);
  CHECK(nn::estimate_memory(model, {.batch = 1}).training ==
        weights + 3 * trained + 3 * x * kBytes + y * (kBytes + 1));
}

TEST_CASE("a graph's results live until their last use, a model inside counts with all it makes",
          "[nn]") {
  nn::Graph g;
  const auto x = g.input({10});
  const auto wide = g.add(nn::Dense(100, {.use_bias = false}), x);
  const auto narrow = g.add(nn::Sequential(nn::Dense(7), nn::Dense(10)), wide);
  g.output(g.add(nn::Add(), {narrow, x}));
  const nn::MemoryEstimate bytes = nn::estimate_memory(g, {.batch = 2, .optimizer_slots = 0});
  const int weights = (10 * 100 + 100 * 7 + 7 + 7 * 10 + 10) * kBytes;
  CHECK(bytes.weights == weights);
  CHECK(bytes.training == 2 * weights + 2 * (10 + 100 + (7 + 10) + 10) * kBytes);
  CHECK(bytes.inference == weights + 2 * (10 + 100 + (7 + 10)) * kBytes);
}

}  // namespace
}  // namespace mien
