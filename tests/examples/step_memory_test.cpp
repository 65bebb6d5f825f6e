#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "examples/fer/networks.h"
#include "mien/autograd.h"
#include "mien/nn.h"
#include "mien/ops.h"
#include "mien/optim.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/count_news.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

// More calls and more inputs of one call than lists without heap hold, a layer used twice and a
// penalty.
nn::Graph branches() {
  nn::Graph g;
  const auto x = g.input({8, 8, 3});
  nn::Module& shared = g.own(nn::Conv2D(4, {3, 3}, {.padding = nn::same}));
  nn::Graph::Values all;
  for (int i = 0; i < 5; ++i) {
    auto y = g.add(nn::Conv2D(4, {3, 3}, {.padding = nn::same}), x);
    if (i < 2) y = g.add(nn::Add(), {y, g.call(shared, {x})});
    y = g.add(nn::Activation(Act::gelu), g.add(nn::BatchNormalization(), y));
    y = g.add(nn::Dropout(.1), g.add(nn::AveragePooling2D(), y));
    all.push_back(g.add(nn::LayerNormalization(), y));
  }
  const auto joined = g.call_all(g.own(nn::Concatenate()), all)[0];
  g.output(g.add(nn::Dense(7, {.activation = Act::softmax}), g.add(nn::Flatten(), joined)));
  return g;
}

Tensor one_hot(std::int64_t rows) {
  Tensor y = Tensor::zeros({rows, 7});
  for (std::int64_t i = 0; i < rows; ++i) y.data<float>()[i * 7 + i % 7] = 1;
  return y;
}

// A model, an optimizer with all there is to do, and one batch.
struct Training {
  Training(nn::Module& m, const Shape& sample, std::int64_t batch)
      : model(m), x(random_tensor(join({batch}, sample), 1, 0, 1, DType::f32)), y(one_hot(batch)) {
    model.build(std::span<const Shape>(&sample, 1));
    adam.bind(model.parameters());
  }
  Tensor forward() const {
    nn::Pass pass{.training = true};
    const Tensors out = model.call(std::span<const Tensor>(&x, 1), pass);
    return categorical_crossentropy(y, out[0]);
  }
  void step() {
    adam.zero_grad();
    forward().backward();
    adam.step();
  }

  nn::Module& model;
  optim::Adam adam{1e-3, {.weight_decay = 1e-4, .global_clipnorm = 1, .use_ema = true}};
  Tensor x, y;
};

// Every network of the examples, and a graph.
void for_each_network(void (*claim)(Training)) {
  SECTION("the canonical network") {
    nn::Sequential model = fer::canonical(7);
    claim({model, {48, 48, 1}, 3});
  }
  SECTION("the small network") {
    nn::Sequential model = fer::small(7);
    claim({model, {48, 48, 1}, 3});
  }
  SECTION("a graph") {
    nn::Graph model = branches();
    claim({model, {8, 8, 3}, 3});
  }
}

TEST_CASE("after two steps a third takes no memory from the system, nor from the heap",
          "[examples]") {
  for_each_network([](Training training) {
    for (int i = 0; i < 2; ++i) training.step();
    for (int i = 0; i < 3; ++i) {
      const std::size_t before = memory_stats().system_calls, news_before = news;
      training.step();
      const std::size_t after = memory_stats().system_calls, news_after = news;
      CHECK(after == before);
      CHECK(news_after == news_before);
    }
  });
}

TEST_CASE("after its first calls a predictor takes no memory from the system, nor from the heap",
          "[examples]") {
  const std::unique_ptr<nn::Module> small = fer::built_network("small", 7);
  nn::Graph graph = branches();
  for (const nn::Module* model : std::initializer_list<const nn::Module*>{small.get(), &graph}) {
    const nn::Predictor predict(*model);
    const Shape sample = model == small.get() ? Shape{48, 48, 1} : Shape{8, 8, 3};
    for (const std::int64_t batch : {1, 9}) {
      const Tensor x = random_tensor(join({batch}, sample), 1, 0, 1, DType::f32);
      for (int i = 0; i < 2; ++i) predict(x);
      const std::size_t system_before = memory_stats().system_calls, news_before = news;
      predict(x);
      CHECK(news - news_before == 0);
      CHECK(memory_stats().system_calls - system_before == 0);
    }
  }
}

TEST_CASE("zero_grad touches no memory, and a step's first gradients overwrite", "[examples]") {
  for_each_network([](Training training) {
    training.step();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<Tensor> gradients;
    for (const NamedTensor& each : training.model.parameters()) {
      gradients.push_back(each.value.grad());
      gradients.back().copy_from(Tensor::full(each.value.shape(), nan));
    }
    training.adam.zero_grad();
    for (const Tensor& each : gradients) REQUIRE(std::isnan(values(each)[0]));
    training.forward().backward();
    for (const Tensor& each : gradients) {
      const std::vector<double> all = values(each);
      REQUIRE(std::all_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); }));
    }
  });
}

TEST_CASE("a backward pass takes little more memory than the forward pass left", "[examples]") {
  const std::size_t at_first = memory_stats().live_bytes;
  nn::Sequential model = fer::canonical(7);
  Training training(model, {48, 48, 1}, 32);
  training.step();
  training.adam.zero_grad();
  const std::size_t before = memory_stats().live_bytes;
  const Tensor loss = training.forward();
  const double saved = double(memory_stats().live_bytes - before);
  reset_peak_memory();
  loss.backward();
  const double scratch = 32 << 20;  // of one convolution: Winograd's filters of 512 x 512
  CHECK(double(memory_stats().peak_bytes - before) < 1.1 * saved + scratch);
  CHECK(memory_stats().live_bytes - before < 10000);

  // Beside the two of Adam the average of the weights.
  const nn::MemoryEstimate estimate =
      nn::estimate_memory(model, {.batch = 32, .optimizer_slots = 3});
  const double needed = double(memory_stats().peak_bytes - at_first);
  CHECK(std::abs(double(estimate.training) / needed - 1) < 0.2);
}

}  // namespace
