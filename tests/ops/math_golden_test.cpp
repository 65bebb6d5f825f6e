// Elementwise ops, reductions and softmaxes against PyTorch's values and gradients; the arrays come
// from tests/golden/make_golden_math.py, whose lists these are.
#include <cmath>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

// Walks through the numbers of one file.
class Golden {
 public:
  explicit Golden(const std::string& name) : numbers_(values(golden("math/" + name))) {}

  /// "" where got equals the next numbers but for f32's rounding.
  std::string check(const Tensor& got) {
    for (const double value : values(got)) {
      if (at_ == numbers_.size()) return "the file is too short";
      const double want = numbers_[at_++];
      if (!(std::abs(value - want) <= 1e-6 + 2e-6 * std::abs(want)))
        return concat("number ", at_ - 1, ": got ", value, ", PyTorch has ", want);
    }
    return "";
  }
  bool done() const { return at_ == numbers_.size(); }

 private:
  std::vector<double> numbers_;
  std::size_t at_ = 0;
};

Tensor incoming(const Tensor& y) {
  std::vector<double> out(static_cast<std::size_t>(y.numel()));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.5 + 0.25 * double(i % 7);
  return Tensor::from(out, y.shape());
}

// Value and gradient of op for the leaf x.
template <class Op>
void check_unary(Golden& want, const Tensor& input, Op op) {
  Tensor x = input.clone().detach().requires_grad();
  const Tensor y = op(x);
  REQUIRE(want.check(y) == "");
  y.backward(incoming(y));
  REQUIRE(want.check(x.grad()) == "");
}

const Unary kUnary[] = {neg,
                        exp,
                        square,
                        abs,
                        sign,
                        reciprocal,
                        [](const Tensor& x) { return pow(x, 3); },
                        [](const Tensor& x) { return clip(x, -0.5, 0.75); },
                        relu,
                        [](const Tensor& x) { return leaky_relu(x); },
                        [](const Tensor& x) { return elu(x); },
                        [](const Tensor& x) { return elu(x, 1.5); },
                        selu,
                        [](const Tensor& x) { return gelu(x); },
                        [](const Tensor& x) { return gelu(x, {.approximate = true}); },
                        silu,
                        sigmoid,
                        hard_sigmoid,
                        tanh,
                        softplus};
const Unary kPositive[] = {log, sqrt, [](const Tensor& x) { return pow(x, 2.5); },
                           [](const Tensor& x) { return pow(x, -0.5); }};
const Binary kBinary[] = {add, sub, mul, div, pow, minimum, maximum};

TEST_CASE("unary ops and activations have PyTorch's values and gradients", "[ops]") {
  Golden want("unary"), positive("positive");
  for (const Unary& op : kUnary) {
    INFO("op " << &op - kUnary);
    check_unary(want, golden("math/unary_x"), op);
  }
  for (const Unary& op : kPositive) check_unary(positive, golden("math/positive_x"), op);
  REQUIRE(want.done());
  REQUIRE(positive.done());
}

TEST_CASE("derivatives at 0 are PyTorch's", "[ops]") {
  Golden want("at_zero");
  for (const Unary& op : kUnary) {
    if (op == Unary(reciprocal)) continue;
    INFO("op " << &op - kUnary);
    Tensor x = Tensor::zeros({1}).requires_grad();
    op(x).backward(Tensor::full({1}, 0.5));
    REQUIRE(want.check(x.grad()) == "");
  }
  REQUIRE(want.done());
}

TEST_CASE("binary ops have PyTorch's values and gradients, ties included", "[ops]") {
  Golden want("binary");
  for (const Binary& op : kBinary) {
    INFO("op " << &op - kBinary);
    Tensor a = golden("math/binary_a").requires_grad();
    Tensor b = golden("math/binary_b").requires_grad();
    const Tensor y = op(a, b);
    REQUIRE(want.check(y) == "");
    y.backward(incoming(y));
    REQUIRE(want.check(a.grad()) == "");
    REQUIRE(want.check(b.grad()) == "");
  }
  REQUIRE(want.done());
}

TEST_CASE("reductions have PyTorch's values and gradients, ties included", "[ops]") {
  using Reduction = Tensor (*)(const Tensor&, const Axes&);
  const Reduction reductions[] = {
      [](const Tensor& x, const Axes& axes) { return sum(x, axes); },
      [](const Tensor& x, const Axes& axes) { return mean(x, axes); },
      [](const Tensor& x, const Axes& axes) { return var(x, axes); },
      [](const Tensor& x, const Axes& axes) { return var(x, axes, {.ddof = 1}); },
      [](const Tensor& x, const Axes& axes) { return max(x, axes); },
      [](const Tensor& x, const Axes& axes) { return min(x, axes); }};
  const Axes all_axes[] = {{}, {0}, {-1}, {1, 2}, {0, -2}, {2, 0, 1}, {1, 3}};
  Golden want("reduce");
  for (const Reduction& op : reductions) {
    for (const Axes& axes : all_axes) {
      INFO("op " << &op - reductions << ", axes " << &axes - all_axes);
      check_unary(want, golden("math/reduce_x"), [&](const Tensor& x) { return op(x, axes); });
    }
  }
  REQUIRE(want.done());
}

TEST_CASE("softmax and log_softmax have PyTorch's values and gradients on every axis", "[ops]") {
  Golden want("softmax");
  for (const auto op : {softmax, log_softmax})
    for (const int axis : {0, -2, 2})
      check_unary(want, golden("math/softmax_x"), [&](const Tensor& x) { return op(x, axis); });
  REQUIRE(want.done());
}

}  // namespace
}  // namespace mien
