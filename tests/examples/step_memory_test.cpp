#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "examples/fer/networks.h"
#include "mien/autograd.h"
#include "mien/nn.h"
#include "mien/ops.h"
#include "mien/optim.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace {

std::atomic<std::size_t> news{0};

}  // namespace

// Of this test program: counts what the C++ heap is asked for. Both kinds of new, since a sanitizer
// has its own of what is not replaced, and minds a delete that is not.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++news;
  return std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new(std::size_t bytes) {
  if (void* memory = operator new(bytes, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

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

void step(const nn::Module& model, optim::Optimizer& optimizer, const Tensor& x, const Tensor& y) {
  optimizer.zero_grad();
  nn::Pass pass{.training = true};
  const Tensors out = model.call(std::span<const Tensor>(&x, 1), pass);
  categorical_crossentropy(y, out[0]).backward();
  optimizer.step();
}

Tensor one_hot(std::int64_t rows) {
  Tensor y = Tensor::zeros({rows, 7});
  for (std::int64_t i = 0; i < rows; ++i) y.data<float>()[i * 7 + i % 7] = 1;
  return y;
}

void check_steady(nn::Module& model, const Shape& sample) {
  model.build(std::span<const Shape>(&sample, 1));
  optim::Adam adam(1e-3, {.weight_decay = 1e-4, .global_clipnorm = 1, .use_ema = true});
  adam.bind(model.parameters());
  const Tensor x = random_tensor(join({3}, sample), 1, 0, 1, DType::f32), y = one_hot(3);
  for (int i = 0; i < 2; ++i) step(model, adam, x, y);
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = memory_stats().system_calls, news_before = news;
    step(model, adam, x, y);
    CHECK(memory_stats().system_calls == before);
    CHECK(news == news_before);
  }
}

TEST_CASE("after two steps a third takes no memory from the system, nor from the heap",
          "[examples]") {
  SECTION("the canonical network") {
    nn::Sequential model = fer::canonical(7);
    check_steady(model, {48, 48, 1});
  }
  SECTION("the small network") {
    nn::Sequential model = fer::small(7);
    check_steady(model, {48, 48, 1});
  }
  SECTION("a graph") {
    nn::Graph model = branches();
    check_steady(model, {8, 8, 3});
  }
}

}  // namespace
