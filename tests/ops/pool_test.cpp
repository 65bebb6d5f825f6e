#include "mien/ops/pool.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  Shape x;
  Pool2dOptions options;
  Shape y;
  int top = 0, left = 0;  // the padding that the options come to
};

const std::vector<Case> kCases = {
    {{2, 4, 6, 3}, {}, {2, 2, 3, 3}},
    {{1, 5, 7, 2}, {}, {1, 2, 3, 2}},  // the last row and column are left out
    {{1, 5, 7, 2}, {.padding = Padding::same}, {1, 3, 4, 2}},
    {{1, 5, 4, 2},
     {.size = {3, 3}, .stride = {1, 1}, .padding = Padding::same},
     {1, 5, 4, 2},
     1,
     1},
    {{1, 6, 6, 1}, {.size = {3, 3}, .stride = {2, 2}, .padding = Padding::same}, {1, 3, 3, 1}},
    {{2, 7, 6, 2}, {.size = {3, 2}, .stride = {2, 1}}, {2, 3, 5, 2}},
    {{1, 7, 7, 1}, {.size = {2, 2}, .stride = {3, 3}}, {1, 2, 2, 1}},
    {{1, 4, 4, 2},
     {.size = {3, 3}, .stride = {2, 2}, .padding = Padding::custom, .pads = {1, 1, 1, 0}},
     {1, 2, 2, 2},
     1,
     1},
    {{1, 1, 1, 1}, {.size = {1, 1}}, {1, 1, 1, 1}},
    {{1, 2, 2, 1}, {.size = {5, 5}, .padding = Padding::same}, {1, 1, 1, 1}, 1, 1},
    {{0, 4, 4, 2}, {}, {0, 2, 2, 2}},
};

std::string describe(const Case& c) { return c.x.str() + " -> " + c.y.str(); }

// By the definition: of every window the values inside the image, reduced.
template <class Reduce>
std::vector<double> naive(const Case& c, const Tensor& x, const Reduce& reduce) {
  const std::vector<double> v = values(x);
  const Pool2dOptions& o = c.options;
  std::vector<double> out;
  for (int n = 0; n < c.y[0]; ++n)
    for (int oy = 0; oy < c.y[1]; ++oy)
      for (int ox = 0; ox < c.y[2]; ++ox)
        for (int ch = 0; ch < c.y[3]; ++ch) {
          std::vector<double> window;
          for (int ky = 0; ky < o.size[0]; ++ky)
            for (int kx = 0; kx < o.size[1]; ++kx) {
              const int iy = oy * (o.stride[0] ? o.stride[0] : o.size[0]) - c.top + ky;
              const int ix = ox * (o.stride[1] ? o.stride[1] : o.size[1]) - c.left + kx;
              if (iy < 0 || iy >= c.x[1] || ix < 0 || ix >= c.x[2]) continue;
              window.push_back(v[std::size_t(((n * c.x[1] + iy) * c.x[2] + ix) * c.x[3] + ch)]);
            }
          out.push_back(reduce(window));
        }
  return out;
}

TEST_CASE("max_pool2d takes each window's largest, avg_pool2d its mean", "[ops]") {
  for (const Case& c : kCases) {
    INFO(describe(c));
    REQUIRE(pool2d_shape(c.x, c.options) == c.y);
    const Tensor x = random_tensor(c.x, 1);
    const std::vector<double> largest = naive(
        c, x, [](const std::vector<double>& w) { return *std::max_element(w.begin(), w.end()); });
    const std::vector<double> mean = naive(c, x, [](const std::vector<double>& w) {
      double sum = 0;
      for (const double each : w) sum += each;
      return sum / double(w.size());
    });
    REQUIRE(values(max_pool2d(x, c.options)) == largest);
    REQUIRE(values(max_pool2d(x.clone().requires_grad(), c.options)) == largest);
    REQUIRE(relative_error(avg_pool2d(x, c.options), Tensor::from(mean, c.y, x.options())) < 1e-14);
  }
}

TEST_CASE("pooling's gradients match differences", "[ops]") {
  for (const Case& c : kCases) {
    INFO(describe(c));
    const Tensor x = random_tensor(c.x, 2);
    REQUIRE(gradcheck([&](const Tensors& in) { return max_pool2d(in[0], c.options); }, {x}) == "");
    REQUIRE(gradcheck([&](const Tensors& in) { return avg_pool2d(in[0], c.options); }, {x}) == "");
  }
  const Tensor x = random_tensor({2, 3, 4, 2}, 3);
  REQUIRE(gradcheck([](const Tensors& in) { return global_max_pool2d(in[0]); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& in) { return global_avg_pool2d(in[0]); }, {x}) == "");
}

TEST_CASE("pooling gives PyTorch's values", "[ops]") {
  struct Golden {
    const char* name;
    bool largest;
    Pool2dOptions options;
  };
  const Pool2dOptions same{.size = {3, 3}, .stride = {1, 1}, .padding = Padding::same};
  for (const Golden& g :
       {Golden{"max", true, {}}, Golden{"max_overlap", true, {.size = {3, 3}, .stride = {2, 2}}},
        Golden{"avg", false, {}}, Golden{"max_same", true, same},
        Golden{"avg_same", false, same}}) {
    const std::string prefix = std::string("conv/") + g.name + "_";
    INFO(prefix);
    Tensor x = golden(prefix + "x");
    x.requires_grad();
    const Tensor y = g.largest ? max_pool2d(x, g.options) : avg_pool2d(x, g.options);
    REQUIRE(relative_error(y, golden(prefix + "y")) < 1e-6);
    y.backward(golden(prefix + "dy"));
    REQUIRE(relative_error(x.grad(), golden(prefix + "dx")) < 1e-6);
  }
}

TEST_CASE("max_pool2d gives ties to the first of the window, and lets no NaN vanish", "[ops]") {
  const Tensor x = Tensor::full({1, 2, 2, 1}, 3.0).requires_grad();
  max_pool2d(x).backward();
  REQUIRE(values(x.grad()) == std::vector<double>{1, 0, 0, 0});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Tensor poisoned = Tensor::from({5, nan, 7, 1}, {1, 2, 2, 1}).requires_grad();
  const Tensor y = max_pool2d(poisoned);
  REQUIRE(y.item() != y.item());
  y.backward();
  REQUIRE(values(poisoned.grad()) == std::vector<double>{0, 1, 0, 0});
}

TEST_CASE("global pooling reduces each image and channel", "[ops]") {
  const Tensor x = Tensor::from({1, 10, 2, 20, 3, 30, 6, 0}, {1, 2, 2, 2});
  REQUIRE(global_max_pool2d(x).shape() == Shape{1, 2});
  REQUIRE(values(global_max_pool2d(x)) == std::vector<double>{6, 30});
  REQUIRE(values(global_avg_pool2d(x)) == std::vector<double>{3, 15});
  REQUIRE(global_avg_pool2d(x, {.keepdims = true}).shape() == Shape{1, 1, 1, 2});
  REQUIRE(global_max_pool2d(Tensor::zeros({0, 2, 2, 3})).shape() == Shape{0, 3});
}

TEST_CASE("pooling gives the same bits for any number of threads", "[ops]") {
  const KeepSettings keep;
  const Pool2dOptions overlapping{.size = {3, 3}, .stride = {2, 2}, .padding = Padding::same};
  const auto results = [&] {
    std::vector<double> out;
    for (const bool largest : {true, false}) {
      Tensor x = random_tensor({5, 11, 13, 7}, 4, -1, 1, DType::f32).requires_grad();
      const Tensor y = largest ? max_pool2d(x, overlapping) : avg_pool2d(x, overlapping);
      y.backward(random_tensor(y.shape(), 5, -1, 1, DType::f32));
      for (const Tensor& each : {y, x.grad()})
        for (const double value : values(each)) out.push_back(value);
    }
    return out;
  };
  set_num_threads(1);
  const std::vector<double> want = results();
  for (const int threads : {2, 3, 7}) {
    set_num_threads(threads);
    REQUIRE(results() == want);
  }
}

TEST_CASE("pooling says what it wants", "[ops]") {
  REQUIRE_THROWS_WITH(max_pool2d(Tensor::zeros({4, 4})),
                      "max_pool2d: input must be [N, H, W, C]; got [4, 4]");
  REQUIRE_THROWS_WITH(
      avg_pool2d(Tensor::zeros({1, 1, 4, 2})),
      "avg_pool2d: a window that reaches over 2 rows does not fit into input [1, 1, 4, 2]");
  const Tensor x = Tensor::zeros({1, 32, 32, 1});
  REQUIRE_THROWS_WITH(max_pool2d(x, {.size = {17, 16}}),
                      "max_pool2d: windows of up to 256 places are supported; got 17 x 16");
  REQUIRE_THROWS_WITH(max_pool2d(x, {.padding = Padding::custom, .pads = {2, 0, 0, 0}}),
                      "max_pool2d: pads must be smaller than the window; got 2 for a window of 2");
  REQUIRE_THROWS_WITH(avg_pool2d(x, {.stride = {1, -1}}),
                      "avg_pool2d: stride must be at least 1; got -1");
  REQUIRE_THROWS_WITH(global_max_pool2d(Tensor::zeros({1, 0, 2, 3})),
                      "global_max_pool2d: images of [1, 0, 2, 3] are empty");
  REQUIRE_THROWS_AS(max_pool2d(Tensor::zeros({1, 4, 4, 1}, {.dtype = DType::i32})), DTypeError);
}

}  // namespace
}  // namespace mien
