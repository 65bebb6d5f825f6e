#include "mien/ops/elementwise.h"

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "mien/base/error.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Binary {
  const char* name;
  Tensor (*op)(const Tensor&, const Tensor&);
};
const Binary kBinary[] = {{"add", add}, {"sub", sub},         {"mul", mul},        {"div", div},
                          {"pow", pow}, {"minimum", minimum}, {"maximum", maximum}};
const Binary kComparisons[] = {{"equal", equal},     {"not_equal", not_equal},
                               {"less", less},       {"less_equal", less_equal},
                               {"greater", greater}, {"greater_equal", greater_equal}};

TEST_CASE("every binary op and its gradients are right for shapes that broadcast", "[ops]") {
  const std::vector<std::pair<Shape, Shape>> shapes = {{{3}, {3}},
                                                       {{}, {2, 3}},
                                                       {{2, 3}, {}},
                                                       {{}, {}},
                                                       {{4, 3}, {3}},
                                                       {{4, 1}, {1, 3}},
                                                       {{2, 1, 3}, {5, 1}},
                                                       {{1}, {1, 1}},
                                                       {{2, 3}, {2, 1}},
                                                       {{0, 3}, {3}},
                                                       {{2, 1, 2, 1, 3}, {1, 3, 1, 2, 1}},
                                                       {{3, 0}, {1, 1}}};
  for (const Binary& each : kBinary) {
    for (const auto& [a, b] : shapes) {
      INFO(each.name << " of " << a.str() << " and " << b.str());
      const Tensors x{random_tensor(a, 1, 0.5, 2.0), random_tensor(b, 2, 0.5, 2.0)};
      REQUIRE(each.op(x[0], x[1]).shape() == broadcast("test", a, b));
      REQUIRE(gradcheck([&](const Tensors& v) { return each.op(v[0], v[1]); }, x) == "");
      // Both inputs the same tensor: the gradients add up in one buffer.
      REQUIRE(gradcheck([&](const Tensors& v) { return each.op(v[0] * v[0], v[0] + 1.0); },
                        {x[0]}) == "");
    }
  }
}

TEST_CASE("a broadcast op equals the one on repeated tensors", "[ops]") {
  const Tensor a = random_tensor({3, 1, 5}, 1, 0.5, 2), b = random_tensor({4, 1}, 2, 0.5, 2);
  const Tensor wide_a = broadcast_to(a, {3, 4, 5}), wide_b = broadcast_to(b, {3, 4, 5});
  for (const auto& table :
       {std::span<const Binary>(kBinary), std::span<const Binary>(kComparisons)})
    for (const Binary& each : table) {
      INFO(each.name);
      REQUIRE(values(each.op(a, b)) == values(each.op(wide_a, wide_b)));
    }
}

struct Unary {
  const char* name;
  Tensor (*op)(const Tensor&);
  double low, high;  // of the inputs tried
};
const Unary kUnary[] = {{"neg", neg, -2, 2},
                        {"exp", exp, -3, 3},
                        {"log", log, 0.3, 4},
                        {"sqrt", sqrt, 0.3, 4},
                        {"square", square, -2, 2},
                        {"abs", abs, -2, 2},
                        {"sign", sign, 0.5, 2},
                        {"reciprocal", reciprocal, 0.5, 3},
                        {"pow 2.5", [](const Tensor& x) { return pow(x, 2.5); }, 0.3, 3},
                        {"pow 3 below 0", [](const Tensor& x) { return pow(x, 3); }, -2, -0.3},
                        {"pow 0", [](const Tensor& x) { return pow(x, 0); }, -2, 2},
                        {"clip", [](const Tensor& x) { return clip(x, -0.5, 0.7); }, -2, 2},
                        {"x + 2", [](const Tensor& x) { return x + 2; }, -2, 2},
                        {"2 + x", [](const Tensor& x) { return 2 + x; }, -2, 2},
                        {"x - 2", [](const Tensor& x) { return x - 2; }, -2, 2},
                        {"2 - x", [](const Tensor& x) { return 2 - x; }, -2, 2},
                        {"x * 3", [](const Tensor& x) { return x * 3; }, -2, 2},
                        {"3 * x", [](const Tensor& x) { return 3 * x; }, -2, 2},
                        {"x / 4", [](const Tensor& x) { return x / 4; }, -2, 2},
                        {"4 / x", [](const Tensor& x) { return 4 / x; }, 0.5, 2},
                        {"-x", [](const Tensor& x) { return -x; }, -2, 2}};

TEST_CASE("every unary op has the right gradient", "[ops]") {
  for (const Unary& each : kUnary) {
    for (const Shape& shape : {Shape{7}, Shape{}, Shape{2, 0, 3}, Shape{3, 1, 5}}) {
      INFO(each.name << " of " << shape.str());
      const Tensor x = random_tensor(shape, 5, each.low, each.high);
      REQUIRE(each.op(x).shape() == shape);
      REQUIRE(gradcheck([&](const Tensors& v) { return each.op(v[0]); }, {x}) == "");
      // Of an interior tensor: the gradient is written in place.
      REQUIRE(gradcheck([&](const Tensors& v) { return 2 * each.op(v[0] + 0.0); }, {x}) == "");
    }
  }
}

TEST_CASE("arithmetic with a number does what it says", "[ops]") {
  const Tensor x = Tensor::from({1, -2, 4}, {3});
  using V = std::vector<double>;
  REQUIRE(values(x + 2) == V{3, 0, 6});
  REQUIRE(values(2 + x) == V{3, 0, 6});
  REQUIRE(values(x - 2) == V{-1, -4, 2});
  REQUIRE(values(2 - x) == V{1, 4, -2});
  REQUIRE(values(x * 3) == V{3, -6, 12});
  REQUIRE(values(x / 2) == V{0.5, -1, 2});
  REQUIRE(values(8 / x) == V{8, -4, 2});
  REQUIRE(values(-x) == V{-1, 2, -4});
  REQUIRE(values(clip(x, -1, 2)) == V{1, -1, 2});
  REQUIRE(values(sign(x)) == V{1, -1, 1});
}

TEST_CASE("comparisons give u8 and take every dtype but bf16", "[ops]") {
  using V = std::vector<double>;
  for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::u8}) {
    const Tensor x = Tensor::from({1, 2, 3}, {3}, {.dtype = dtype}),
                 two = Tensor::scalar(2, x.options());
    REQUIRE(equal(x, two).dtype() == DType::u8);
    REQUIRE(values(equal(x, 2)) == V{0, 1, 0});
    REQUIRE(values(not_equal(x, two)) == V{1, 0, 1});
    REQUIRE(values(less(two, x)) == V{0, 0, 1});
    REQUIRE(values(less(x, 2)) == V{1, 0, 0});
    REQUIRE(values(less_equal(x, 2)) == V{1, 1, 0});
    REQUIRE(values(greater(x, 2)) == V{0, 0, 1});
    REQUIRE(values(greater_equal(x, 2)) == V{0, 1, 1});
    REQUIRE(values(not_equal(x, 2)) == V{1, 0, 1});
  }
  REQUIRE_FALSE(greater(Tensor::ones({2}).requires_grad(), 0).needs_grad());
  const Tensor half = Tensor::zeros({2}, {.dtype = DType::bf16});
  REQUIRE_THROWS_WITH(equal(half, half), "equal: not defined for bf16 tensors on cpu");
}

TEST_CASE("where picks by the condition and sends gradients the same way", "[ops]") {
  const Tensor c = Tensor::from({1, 0, 3}, {3}, {.dtype = DType::u8});
  const Tensor a = random_tensor({2, 3}, 1), b = random_tensor({2, 1}, 2);
  const auto v = values(where(c, a, b)), va = values(a), vb = values(b);
  REQUIRE(v == std::vector<double>{va[0], vb[0], va[2], va[3], vb[1], va[5]});
  REQUIRE(gradcheck([&](const Tensors& x) { return where(c, x[0], x[1]); }, {a, b}) == "");
  REQUIRE(gradcheck([&](const Tensors& x) { return where(c, x[0], 2.0); }, {b}) == "");
  REQUIRE(gradcheck([&](const Tensors& x) { return where(c, -1.0, x[0]); }, {a}) == "");
  REQUIRE(gradcheck([&](const Tensors& x) { return where(c, x[0], x[0]); }, {a}) == "");
  const Tensor none = Tensor::zeros({0, 3});
  REQUIRE(where(c, none, 1.0).shape() == Shape{0, 3});
  REQUIRE_THROWS_WITH(where(a, a, b), "where: condition must be u8; got f64");
  REQUIRE_THROWS_AS(where(c, Tensor::zeros({4}), 1.0), ShapeError);
}

TEST_CASE("a NaN makes both extremes NaN, on either side", "[ops]") {
  const Tensor x = Tensor::from({kNan, 1, kNan}, {3}), y = Tensor::from({1, kNan, kNan}, {3});
  for (const double value : values(minimum(x, y))) REQUIRE(std::isnan(value));
  for (const double value : values(maximum(x, y))) REQUIRE(std::isnan(value));
  REQUIRE(std::isnan(values(clip(x, 0, 1))[0]));
}

TEST_CASE("gradients at the edge of a function's domain are PyTorch's", "[ops]") {
  const Tensor zero = Tensor::zeros({1}).requires_grad();
  Tensor exponent = Tensor::full({1}, 2.0).requires_grad();
  pow(zero, exponent).backward(Tensor::ones({1}));
  REQUIRE(zero.grad().item() == 0);
  REQUIRE(exponent.grad().item() == 0);
  zero.zero_grad();
  pow(zero, 0).backward();
  REQUIRE(zero.grad().item() == 0);
  zero.zero_grad();
  sqrt(zero).backward();
  REQUIRE(zero.grad().item() == kInf);
}

TEST_CASE("elementwise ops say what they wanted", "[ops]") {
  const Tensor x = Tensor::zeros({2, 3});
  REQUIRE_THROWS_AS(x + Tensor::zeros({4}), ShapeError);
  REQUIRE_THROWS_WITH(mul(x, Tensor::zeros({2})),
                      Contains("mul: ") && Contains("[2, 3]") && Contains("[2]"));
  REQUIRE_THROWS_WITH(x - x.to(DType::f64), "sub: inputs must be of one dtype; got f32 and f64");
  REQUIRE_THROWS_WITH(exp(x.to(DType::i32)), "exp: input must be f32 or f64; got i32");
  REQUIRE_THROWS_WITH(clip(x, 1, 0), "clip: low must not be above high; got 1 and 0");
  REQUIRE_THROWS_AS(x + Tensor(), ValueError);
}

}  // namespace
}  // namespace mien
