#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernels/api.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"

namespace mien {
namespace {

struct Case {
  int n, h, w, c, oc, k, top, bottom, left, right;
};
const std::vector<Case> kCases = {
    {1, 1, 1, 5, 1, 3, 1, 1, 1, 1},      {1, 5, 7, 6, 5, 3, 1, 2, 0, 1},
    {2, 13, 9, 19, 37, 3, 0, 0, 0, 0},   {1, 9, 9, 33, 31, 5, 3, 0, 1, 2},
    {3, 6, 6, 300, 70, 3, 1, 1, 1, 1},   {1, 6, 6, 64, 64, 5, 2, 2, 2, 2},
    {2, 4, 3, 20, 20, 3, 2, 2, 2, 2},    {2, 4, 3, 20, 20, 5, 4, 4, 4, 4},
    {1, 3, 3, 40, 40, 3, 3, 4, 5, 1},  // more padding than the filter is wide
    {7, 24, 24, 16, 48, 5, 2, 2, 2, 2},  {1, 2, 2, 64, 96, 3, 1, 1, 1, 1},
    {1, 2, 2, 24, 40, 5, 2, 2, 2, 2},    {5, 3, 3, 64, 64, 3, 1, 1, 1, 1},
    {4, 4, 4, 64, 96, 3, 1, 1, 1, 1},    {40, 12, 12, 32, 32, 3, 1, 1, 1, 1},
    {150, 6, 6, 136, 72, 3, 1, 1, 1, 1},
};

struct Buffers {
  std::vector<float> x, w, y, bias;
};

std::vector<float> random(std::size_t n, unsigned seed) {
  std::vector<float> out(n);
  std::uint64_t state = seed;
  for (float& value : out) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = float(state >> 40) / float(1 << 23) - 1;
  }
  return out;
}

Conv2dArgs geometry(const Case& c, ConvPass pass, ConvMath math) {
  Conv2dArgs a{};
  a.n = c.n, a.h = c.h, a.w = c.w, a.c = c.c, a.oc = c.oc, a.kh = a.kw = c.k;
  a.oh = c.h + c.top + c.bottom - c.k + 1;
  a.ow = c.w + c.left + c.right - c.k + 1;
  a.sh = a.sw = a.dh = a.dw = a.groups = 1;
  a.pt = c.top, a.pl = c.left;
  a.pass = pass, a.math = math;
  return a;
}

Buffers buffers(const Conv2dArgs& a) {
  const auto size = [](int i, int j, int k, int l) { return std::size_t(i) * j * k * l; };
  return {random(size(a.n, a.h, a.w, a.c), 1), random(size(a.kh, a.kw, a.c, a.oc), 2),
          random(size(a.n, a.oh, a.ow, a.oc), 3), random(size(1, 1, 1, a.oc), 4)};
}

// y of the forward pass, x of the other; the bias and beta 0.5 are there to be seen.
template <class T>
std::vector<T> compute(Conv2dArgs a, const std::vector<T>& x, const std::vector<T>& w,
                       const std::vector<T>& y, const std::vector<T>& bias, DType dtype,
                       bool packed = false) {
  std::vector<T> in = x, weight = w, out = y;  // no longer than they must be: see the sanitizer
  a.x = in.data(), a.weight = weight.data(), a.y = out.data();
  if (a.pass == ConvPass::forward)
    a.bias = bias.data();
  else
    a.beta = .5;
  const KernelTable& kernels = cpu_kernels(dtype);
  Plan plan = kernels.conv2d_plan(a);
  // Nothing may come from what scratch held.
  constexpr T kNothing = std::numeric_limits<T>::quiet_NaN();
  std::vector<T> filters(packed ? kernels.conv2d_pack(a, plan, nullptr) / sizeof(T) : 0, kNothing);
  if (packed) {
    kernels.conv2d_pack(a, plan, filters.data());
    a.packed_weight = filters.data();
    a.weight = nullptr;
    plan = kernels.conv2d_plan(a);
  }
  std::vector<T> scratch(plan.scratch / sizeof(T), kNothing);
  kernels.conv2d(a, plan, scratch.data(), nullptr);
  return a.pass == ConvPass::forward ? out : in;
}

std::vector<float> compute(const Conv2dArgs& a, bool packed = false) {
  const Buffers b = buffers(a);
  return compute<float>(a, b.x, b.w, b.y, b.bias, DType::f32, packed);
}
std::vector<double> exact(const Conv2dArgs& a) {
  const Buffers b = buffers(a);
  const auto wide = [](const std::vector<float>& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  return compute<double>(a, wide(b.x), wide(b.w), wide(b.y), wide(b.bias), DType::f64);
}

double relative_error(const std::vector<float>& got, const std::vector<double>& want) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (!(std::abs(got[i]) < 1e30f)) return 1e30;
    worst = std::max(worst, std::abs(got[i] - want[i]));
    largest = std::max(largest, std::abs(want[i]));
  }
  return worst / largest;
}

std::string name_of(const Conv2dArgs& a) {
  const KernelTable& kernels = cpu_kernels(DType::f32);
  return kernels.conv2d_name(a, kernels.conv2d_plan(a));
}

std::string describe(const Case& c, ConvPass pass) {
  return std::to_string(c.n) + "x" + std::to_string(c.h) + "x" + std::to_string(c.w) + ", " +
         std::to_string(c.c) + " -> " + std::to_string(c.oc) + ", " + std::to_string(c.k) + "x" +
         std::to_string(c.k) + (pass == ConvPass::forward ? " forward" : " grad_x");
}

template <class Body>
void for_each_vector_isa(const Body& body) {
  const KeepSettings keep;
  int count = 0;
  for (const std::string_view isa : runnable_isas()) {
    if (isa == "base") continue;
    set_cpu_isa(isa);
    INFO("isa " << isa);
    body();
    ++count;
  }
  if (count == 0) MIEN_SKIP("no vector instructions on this machine");
}

TEST_CASE("winograd is as close to the exact convolution as it says", "[kernels]") {
  // winograd_transform.h states these.
  const std::map<std::string, double> bounds = {
      {"winograd F(2x2,3x3)", 1e-6}, {"winograd F(3x3,3x3)", 5e-6}, {"winograd F(4x4,3x3)", 1e-5},
      {"winograd F(6x6,3x3)", 3e-5}, {"winograd F(2x2,5x5)", 1e-5}, {"winograd F(4x4,5x5)", 2e-5}};
  for_each_vector_isa([&] {
    std::set<std::string> seen;
    for (const Case& c : kCases)
      for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x}) {
        const Conv2dArgs a = geometry(c, pass, ConvMath::winograd);
        const std::string name = name_of(a);
        INFO(describe(c, pass) << ": " << name);
        REQUIRE(bounds.count(name) == 1);
        const double error = relative_error(compute(a), exact(a));
        REQUIRE(error < bounds.at(name));
        seen.insert(name);
      }
    REQUIRE(seen.size() == bounds.size());
  });
}

TEST_CASE("winograd gives the same bits with any number of threads, its filters packed or not",
          "[kernels]") {
  for_each_vector_isa([] {
    for (const Case& c : kCases)
      for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x}) {
        const Conv2dArgs a = geometry(c, pass, ConvMath::winograd);
        INFO(describe(c, pass));
        set_num_threads(1);
        const std::vector<float> one = compute(a);
        for (const int threads : {2, 3, 7}) {
          set_num_threads(threads);
          REQUIRE(compute(a, threads == 3) == one);
        }
        set_num_threads(0);
      }
  });
}

TEST_CASE("winograd is chosen where it is fast and where it is asked for", "[kernels]") {
  for_each_vector_isa([] {
    const auto chosen = [](const Case& c, ConvMath math) {
      return name_of(geometry(c, ConvPass::forward, math)).rfind("winograd", 0) == 0;
    };
    const Case large{128, 24, 24, 64, 128, 5, 2, 2, 2, 2}, thin{128, 24, 24, 5, 4, 3, 1, 1, 1, 1};
    REQUIRE(chosen(large, ConvMath::automatic));
    REQUIRE(chosen(large, ConvMath::winograd));
    REQUIRE_FALSE(chosen(thin, ConvMath::automatic));
    REQUIRE(chosen(thin, ConvMath::winograd));
    REQUIRE_FALSE(chosen(large, ConvMath::exact));
    REQUIRE_FALSE(chosen(large, ConvMath::reference));
    Conv2dArgs strided = geometry(large, ConvPass::forward, ConvMath::winograd);
    strided.sh = 2;
    strided.oh = 12;
    REQUIRE(name_of(strided).rfind("winograd", 0) != 0);
  });
}

}  // namespace
}  // namespace mien
