#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "kernels/api.h"
#include "mien/tensor.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Gradient of the filters, stride 1; `size` x `size` filters, padding after as the output asks.
struct Case {
  int n, h, w, c, oh, ow, oc, size, top, left;
  double beta;
};

// All tile sizes, remainders of channels in every vector width, tiles over the edge, wide images,
// several lots and parts, one image; the last three keep one or both of the transformed operands,
// the last of all in two stretches.
const std::vector<Case> kCases = {
    {1, 3, 3, 16, 3, 3, 16, 3, 1, 1, 0},       {2, 3, 3, 33, 3, 3, 70, 3, 1, 1, 1},
    {1, 4, 4, 16, 4, 4, 16, 3, 1, 1, 0},       {3, 9, 5, 17, 7, 3, 9, 3, 0, 0, .5},
    {2, 6, 6, 64, 6, 6, 130, 3, 1, 1, 0},      {1, 12, 12, 5, 12, 12, 7, 3, 1, 1, 1},
    {1, 11, 13, 65, 13, 10, 31, 3, 3, 0, 0},   {2, 5, 77, 8, 4, 76, 24, 3, 0, 1, -1},
    {9, 18, 30, 24, 18, 30, 40, 3, 2, 2, 0},   {1, 8, 8, 16, 8, 8, 16, 5, 2, 2, 0},
    {2, 13, 12, 32, 13, 12, 72, 5, 2, 2, 1},   {1, 7, 47, 20, 3, 43, 35, 5, 0, 0, 0},
    {5, 24, 24, 40, 24, 24, 140, 5, 2, 2, 0},  {1, 2, 1, 6, 5, 6, 10, 5, 4, 4, 2},
    {3, 12, 12, 100, 12, 12, 400, 3, 1, 1, 0}, {2, 6, 6, 203, 6, 6, 600, 3, 1, 1, 1},
    {2200, 5, 5, 64, 1, 1, 256, 5, 0, 0, 1},
};

std::string describe(const Case& c) {
  return std::to_string(c.n) + "x" + std::to_string(c.h) + "x" + std::to_string(c.w) + "x" +
         std::to_string(c.c) + " -> " + std::to_string(c.oh) + "x" + std::to_string(c.ow) + "x" +
         std::to_string(c.oc) + ", filters of " + std::to_string(c.size);
}

struct Data {
  Tensor x, dy, dw;  // dw: what it holds before
};
Data data_of(const Case& c, DType dtype) {
  return {random_tensor({c.n, c.h, c.w, c.c}, 1, -1, 1, DType::f32).to(dtype),
          random_tensor({c.n, c.oh, c.ow, c.oc}, 2, -1, 1, DType::f32).to(dtype),
          random_tensor({c.size, c.size, c.c, c.oc}, 3, -1, 1, DType::f32).to(dtype)};
}

template <class T>
Conv2dArgs arguments(const Case& c, Data& data, ConvMath math) {
  Conv2dArgs a{};
  a.n = c.n, a.h = c.h, a.w = c.w, a.c = c.c, a.oh = c.oh, a.ow = c.ow, a.oc = c.oc;
  a.kh = a.kw = c.size, a.sh = a.sw = a.dh = a.dw = a.groups = 1, a.pt = c.top, a.pl = c.left;
  a.pass = ConvPass::grad_w, a.math = math, a.beta = c.beta;
  a.x = data.x.data<T>(), a.y = data.dy.data<T>(), a.weight = data.dw.data<T>();
  return a;
}

// dw; the scratch begins as NaN, and dw too where it must not be read.
Tensor gradient(const Case& c, ConvMath math, std::set<int>* tiles = nullptr) {
  Data data = data_of(c, DType::f32);
  if (c.beta == 0)
    data.dw = Tensor::full(data.dw.shape(), std::numeric_limits<double>::quiet_NaN());
  const KernelTable& kernels = cpu_kernels(DType::f32);
  const Conv2dArgs a = arguments<float>(c, data, math);
  const Plan plan = kernels.conv2d_plan(a);
  if (tiles) tiles->insert(plan.tile);
  std::vector<float> scratch(plan.scratch / sizeof(float), std::numeric_limits<float>::quiet_NaN());
  kernels.conv2d(a, plan, scratch.data(), {});
  return data.dw;
}

Tensor exact_gradient(const Case& c) {
  Data data = data_of(c, DType::f64);
  const KernelTable& kernels = cpu_kernels(DType::f64);
  const Conv2dArgs a = arguments<double>(c, data, ConvMath::reference);
  const Plan plan = kernels.conv2d_plan(a);
  std::vector<double> scratch(plan.scratch / sizeof(double));
  kernels.conv2d(a, plan, scratch.data(), {});
  return data.dw;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.data<float>(), b.data<float>(), std::size_t(a.numel()) * sizeof(float)) == 0;
}

// Runs body once for each vector instruction set of this machine.
template <class Body>
void for_each_vector_isa(const Body& body) {
  const KeepSettings keep;
  for (const std::string_view isa : {"avx2", "avx512", "neon"}) {
    try {
      set_cpu_isa(isa);
    } catch (const ValueError&) {
      continue;
    }
    INFO(isa);
    body();
  }
}

TEST_CASE("Winograd's gradient of filters is the exact one within 2e-5 of its largest value",
          "[kernels][winograd]") {
  for_each_vector_isa([] {
    double worst = 0;
    std::set<int> tiles;
    for (const Case& c : kCases) {
      INFO(describe(c));
      const double error =
          relative_error(gradient(c, ConvMath::winograd, &tiles), exact_gradient(c));
      CHECK(error < 2e-5);
      worst = std::max(worst, error);
    }
    CHECK(worst > 1e-7);  // else it was not Winograd's algorithm that was measured
    CHECK(tiles == std::set<int>{3, 4, 6});
  });
}

TEST_CASE("Winograd's gradient of filters has the same bits for any number of threads",
          "[kernels][winograd]") {
  for_each_vector_isa([] {
    for (const Case& c : kCases) {
      INFO(describe(c));
      set_num_threads(1);
      const Tensor one = gradient(c, ConvMath::winograd);
      for (const int threads : {2, 3, 7}) {
        set_num_threads(threads);
        REQUIRE(same_bits(gradient(c, ConvMath::winograd), one));
      }
    }
  });
}

TEST_CASE("Winograd's gradient of filters is taken where it is possible, by itself where it pays",
          "[kernels][winograd]") {
  for_each_vector_isa([] {
    Data none{Tensor::zeros({1}), Tensor::zeros({1}), Tensor::zeros({1})};
    const auto algorithm = [&](const Case& c, ConvMath math, auto change) {
      Conv2dArgs a = arguments<float>(c, none, math);
      change(a);
      return cpu_kernels(DType::f32).conv2d_plan(a).algorithm;
    };
    const auto as_it_is = [](Conv2dArgs&) {};
    const Case large{128, 24, 24, 64, 24, 24, 128, 5, 2, 2, 0},
        small{1, 6, 6, 512, 6, 6, 512, 3, 1, 1, 0};
    const auto winograd = algorithm(large, ConvMath::winograd, as_it_is);
    CHECK(algorithm(large, ConvMath::automatic, as_it_is) == winograd);
    CHECK(algorithm(large, ConvMath::exact, as_it_is) != winograd);
    CHECK(algorithm(large, ConvMath::reference, as_it_is) != winograd);
    CHECK(algorithm(small, ConvMath::winograd, as_it_is) == winograd);
    CHECK(algorithm(small, ConvMath::automatic, as_it_is) != winograd);
    const auto possible = [&](auto change) {
      return algorithm(large, ConvMath::winograd, change) == winograd;
    };
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.sh = 2, a.oh = 12; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.sw = 2, a.ow = 12; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.dh = 2, a.oh = 20; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.dw = 2, a.ow = 20; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.groups = 2; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.kh = 3, a.oh = 26; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.kh = a.kw = 7, a.oh = a.ow = 22; }));
    CHECK_FALSE(possible([](Conv2dArgs& a) { a.n = 0; }));
  });
}

}  // namespace
}  // namespace mien
