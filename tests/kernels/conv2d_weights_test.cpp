// The kernels of few_channels.cpp and direct_weights.cpp.
#include <cmath>
#include <limits>

#include "kernels/parallel.h"
#include "tests/support/catch.h"
#include "tests/support/conv_kernel.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

const std::vector<ConvKernel> kFewChannels = {
    {1, 1, 1, 1, 1, 1, 1},
    {3, 13, 11, 1, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {2, 48, 48, 1, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {2, 9, 14, 1, 33, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},
    {2, 12, 7, 2, 20, 3, 2, 1, 1, 1, 1, 1, 0, 1, 1},
    {2, 15, 16, 3, 64, 7, 7, 2, 2, 1, 1, 3, 3, 2, 2},
    {1, 10, 12, 4, 50, 3, 3, 1, 2, 2, 2, 2, 1, 2, 1},
    {1, 4, 3, 3, 7, 3, 3, 3, 1, 1, 1, 3, 4, 3, 4},  // windows wholly inside the padding
    {40, 3, 3, 1, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
};
const std::vector<ConvKernel> kManyChannels = {
    {1, 1, 1, 5, 1, 1, 1},
    {3, 6, 6, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {5, 7, 9, 45, 70, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {2, 13, 12, 20, 34, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},
    {2, 30, 31, 6, 9, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},   // several blocks of rows
    {3, 9, 10, 31, 33, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1},  // strides: columns by remainder
    {3, 10, 11, 17, 40, 1, 1, 2, 3},                   // rows and columns that no tap sees
    {2, 11, 9, 8, 16, 2, 3, 3, 2, 2, 2, 1, 2, 3, 1},
    {19, 2, 3, 40, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},   // parts and blocks of unequal images
    {1, 4, 3, 10, 7, 3, 3, 3, 1, 1, 1, 3, 4, 3, 4},     // taps that see only padding
    {2, 4, 4, 300, 530, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},  // several blocks of channels
    {1, 3, 3, 1100, 40, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},
};

Tensor noise(const Shape& shape, std::uint64_t seed) {
  return random_tensor(shape, seed, -1, 1, DType::f32);
}

std::vector<std::string_view> vector_isas() {
  std::vector<std::string_view> out;
  for (const std::string_view isa : runnable_isas())
    if (isa != "base") out.push_back(isa);
  if (out.empty()) MIEN_SKIP("this CPU has none of the instruction sets with kernels of their own");
  return out;
}

// That the vector kernels do the work, not the portable ones they are compared with.
void require_own_kernel(const ConvKernel& c, ConvPass pass) {
  REQUIRE(c.plan(pass).algorithm != c.plan(pass, ConvMath::reference).algorithm);
}

TEST_CASE("a first layer's forward pass is its definition, on every instruction set", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : vector_isas()) {
    set_cpu_isa(isa);
    for (const ConvKernel& c : kFewChannels) {
      INFO(isa << " " << c.str());
      require_own_kernel(c, ConvPass::forward);
      const Tensor x = noise(c.x(), 1), w = noise(c.weight(), 2);
      REQUIRE(relative_error(c.forward(x, w, {}), c.naive().forward(x, w, c.y())) < 1e-6);
      const Tensor bias = noise({c.oc}, 3);
      REQUIRE(relative_error(c.forward(x, w, bias), c.forward(x, w, bias, ConvMath::reference)) <
              1e-6);
    }
  }
}

TEST_CASE("a first layer's output beyond the caches' size is right too", "[kernels]") {
  const KeepSettings keep;
  const ConvKernel c{90, 40, 100, 1, 48, 2, 3, 1, 1, 1, 1, 1, 1, 0, 1};  // 69 MB
  const Tensor x = noise(c.x(), 1), w = noise(c.weight(), 2), bias = noise({c.oc}, 3);
  const Tensor want = c.forward(x, w, bias, ConvMath::reference);
  for (const std::string_view isa : vector_isas()) {
    set_cpu_isa(isa);
    INFO(isa);
    REQUIRE(relative_error(c.forward(x, w, bias), want) < 1e-6);
  }
}

TEST_CASE("the filters' gradient is its definition, on every instruction set", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : vector_isas()) {
    set_cpu_isa(isa);
    for (const std::vector<ConvKernel>* cases : {&kFewChannels, &kManyChannels}) {
      for (const ConvKernel& c : *cases) {
        INFO(isa << " " << c.str());
        require_own_kernel(c, ConvPass::grad_w);
        const Tensor x = noise(c.x(), 1), dy = noise(c.y(), 4);
        const Tensor want = c.naive().grad_w(x, dy, c.weight());
        // What lies there before must not be read.
        const Tensor nan = Tensor::full(c.weight(), std::numeric_limits<double>::quiet_NaN());
        REQUIRE(relative_error(c.grad_w(x, dy, nan, 0), want) < 3e-6);
        const Tensor old = noise(c.weight(), 5);
        REQUIRE(relative_error(c.grad_w(x, dy, old, 0.5),
                               c.grad_w(x, dy, old, 0.5, ConvMath::reference)) < 3e-6);
      }
    }
  }
}

TEST_CASE("these passes give the same bits for any number of threads", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : vector_isas()) {
    set_cpu_isa(isa);
    for (const std::vector<ConvKernel>* cases : {&kFewChannels, &kManyChannels}) {
      for (const ConvKernel& c : *cases) {
        INFO(isa << " " << c.str());
        const Tensor x = noise(c.x(), 1), w = noise(c.weight(), 2), dy = noise(c.y(), 4);
        set_num_threads(1);
        const Tensor y = c.forward(x, w, {}), dw = c.grad_w(x, dy, w, 1);
        for (const int threads : {2, 3, 7}) {
          set_num_threads(threads);
          REQUIRE(values(c.forward(x, w, {})) == values(y));
          REQUIRE(values(c.grad_w(x, dy, w, 1)) == values(dw));
        }
      }
    }
  }
}

}  // namespace
}  // namespace mien
