#include "mien/ops/reduce.h"

#include <cmath>
#include <limits>
#include <vector>

#include "mien/base/error.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using V = std::vector<double>;

struct Case {
  Shape shape;
  Axes axes;
  Shape result, kept;
};
const Case kCases[] = {{{7}, {}, {}, {1}},
                       {{}, {}, {}, {}},
                       {{3, 5}, {0}, {5}, {1, 5}},
                       {{3, 5}, {-1}, {3}, {3, 1}},
                       {{2, 3, 4}, {1}, {2, 4}, {2, 1, 4}},
                       {{2, 3, 4}, {0, 2}, {3}, {1, 3, 1}},
                       {{2, 1, 3}, {1}, {2, 3}, {2, 1, 3}},
                       {{1, 1}, {0}, {1}, {1, 1}},
                       {{2, 3, 2, 3}, {0, 2}, {3, 3}, {1, 3, 1, 3}},
                       {{2, 3, 2, 3}, {3, 1}, {2, 2}, {2, 1, 2, 1}},
                       {{0, 3}, {1}, {0}, {0, 1}}};

TEST_CASE("reductions have the right shapes and gradients", "[ops]") {
  for (const Case& each : kCases) {
    INFO(each.shape.str() << " over " << each.axes.size() << " axes");
    const Tensor x = random_tensor(each.shape, 3);
    const Axes& axes = each.axes;
    REQUIRE(sum(x, axes).shape() == each.result);
    REQUIRE(max(x, axes, {.keepdims = true}).shape() == each.kept);
    REQUIRE(var(x, axes, {.keepdims = true}).shape() == each.kept);
    for (const bool keep : {false, true}) {
      const auto check = [&](auto op) {
        return gradcheck([&](const Tensors& v) { return op(v[0]); }, {x});
      };
      REQUIRE(check([&](const Tensor& v) { return sum(v, axes, {.keepdims = keep}); }) == "");
      REQUIRE(check([&](const Tensor& v) { return mean(v, axes, {.keepdims = keep}); }) == "");
      REQUIRE(check([&](const Tensor& v) { return max(v, axes, {.keepdims = keep}); }) == "");
      REQUIRE(check([&](const Tensor& v) { return min(v * 2, axes, {.keepdims = keep}); }) == "");
      REQUIRE(check([&](const Tensor& v) { return var(v, axes, {.keepdims = keep}); }) == "");
    }
  }
}

// Every way through the kernel, at sizes that are cut into pieces, against a plain loop.
TEST_CASE("large reductions equal the plain sums", "[ops]") {
  const std::pair<Shape, Axes> cases[] = {
      {{300007}, {}},        {{3, 70001}, {1}},    {{40000, 9}, {1}},   {{70001, 3}, {0}},
      {{50001, 64}, {0}},    {{3, 9, 12345}, {1}}, {{2000, 5, 7}, {1}}, {{40, 30, 20, 10}, {0, 2}},
      {{1000, 300, 2}, {1}}, {{90, 5000}, {0}}};
  for (const auto& [shape, axes] : cases) {
    INFO(shape.str());
    const Tensor x = random_tensor(shape, 11, -1, 2, DType::f32);
    const Tensor kept = sum(x, axes, {.keepdims = true});
    V sums(static_cast<std::size_t>(kept.numel())), largest(sums.size(), -9);
    const V all = values(x);
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::int64_t rest = std::int64_t(i), at = 0, step = 1;
      for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        if (kept.shape()[axis] > 1) at += rest % shape[axis] * step;
        rest /= shape[axis];
        step *= kept.shape()[axis];
      }
      sums[std::size_t(at)] += all[i];
      largest[std::size_t(at)] = std::max(largest[std::size_t(at)], all[i]);
    }
    REQUIRE(relative_error(kept, Tensor::from(sums, kept.shape())) < 1e-7);
    REQUIRE(values(max(x, axes)) == largest);
    REQUIRE(relative_error(mean(x, axes, {.keepdims = true}) * (double(x.numel()) / sums.size()),
                           kept) < 1e-6);
  }
}

TEST_CASE("a million small numbers add up as exactly as f32 can say", "[ops]") {
  const Tensor x = Tensor::full({1000000}, 0.1);
  REQUIRE(sum(x).item() == double(float(1e6 * double(0.1f))));
}

TEST_CASE("the variance of numbers far from 0 does not cancel", "[ops]") {
  const Tensor x = concatenate({Tensor::full({500}, 4096.25), Tensor::full({500}, 4095.75)}, 0);
  REQUIRE(var(x).item() == 0.0625);
  REQUIRE(var(x, {}, {.ddof = 1}).item() == Approx(0.0625 * 1000 / 999));
}

TEST_CASE("reductions of nothing: zero, NaN, or an error", "[ops]") {
  const Tensor x = Tensor::zeros({0, 2});
  REQUIRE(values(sum(x, 0)) == V{0, 0});
  REQUIRE(std::isnan(mean(x).item()));
  REQUIRE_THROWS_WITH(max(x, 0), "max: there is nothing to choose from in [0, 2]");
  REQUIRE_THROWS_WITH(argmax(x, 0), "argmax: there is nothing to choose from in [0, 2]");
  REQUIRE_THROWS_WITH(
      var(Tensor::zeros({4, 2}), 1, {.ddof = 2}),
      "var: ddof must be at least 0 and below the 2 elements of [4, 2] that become one; got 2");
}

TEST_CASE("equal extremes share the gradient evenly", "[ops]") {
  const Tensor x = Tensor::from({3, 1, 3, 3}, {4}).requires_grad();
  max(x).backward(Tensor::scalar(6));
  REQUIRE(values(x.grad()) == V{2, 0, 2, 2});
}

TEST_CASE("extremes are NaN where one element is", "[ops]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const int at : {0, 5, 40}) {
    V v(41, 1.0);
    v[std::size_t(at)] = nan;
    const Tensor x = Tensor::from(v, {41});
    REQUIRE(std::isnan(max(x).item()));
    REQUIRE(std::isnan(min(x).item()));
    REQUIRE(argmax(x).item() == at);
  }
}

TEST_CASE("argmax gives the first of equal elements along any axis", "[ops]") {
  const Tensor x = Tensor::from({1, 5, 5, 7, 2, 7, 0, 0, 0, -1, 3, 3}, {2, 2, 3});
  REQUIRE(values(argmax(x)) == V{1, 0, 0, 1});
  REQUIRE(argmax(x).dtype() == DType::i32);
  REQUIRE(values(argmax(x, 1)) == V{1, 0, 1, 0, 1, 1});
  REQUIRE(values(argmax(x, 0)) == V{0, 0, 0, 0, 1, 0});
  REQUIRE(argmax(x, 0).shape() == Shape{2, 3});
}

TEST_CASE("reductions say what they wanted", "[ops]") {
  const Tensor x = Tensor::zeros({2, 3});
  REQUIRE_THROWS_WITH(sum(x, 2), "sum: axis 2 is out of range for shape [2, 3]");
  REQUIRE_THROWS_WITH(mean(x, {0, -2}), "mean: axis -2 is given twice for shape [2, 3]");
  REQUIRE_THROWS_WITH(sum(x.to(DType::i32)), "sum: input must be f32 or f64; got i32");
  REQUIRE_THROWS_AS(argmax(Tensor::scalar(1)), ShapeError);
}

}  // namespace
}  // namespace mien
