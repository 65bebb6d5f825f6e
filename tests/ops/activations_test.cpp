#include "mien/ops/activations.h"

#include <cmath>
#include <limits>
#include <vector>

#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using V = std::vector<double>;

const std::vector<Act> kActs = [] {
  std::vector<Act> all;
  for (int i = 0; i <= int(Act::sparsemax); ++i) all.push_back(Act(i));
  return all;
}();

TEST_CASE("every activation has the right gradient", "[ops]") {
  for (const Act act : kActs) {
    for (const Shape& shape : {Shape{11}, Shape{3, 1}, Shape{0, 4}, Shape{2, 3, 5}}) {
      INFO(name_of(act) << " of " << shape.str());
      const Tensor x = random_tensor(shape, 3, -4, 4);
      REQUIRE(gradcheck([&](const Tensors& v) { return activation(v[0], act); }, {x}) == "");
      // Of an interior tensor: some gradients are written in place.
      REQUIRE(gradcheck([&](const Tensors& v) { return 2 * activation(v[0] * 1.5, act); }, {x}) ==
              "");
    }
  }
  const Tensor x = random_tensor({9}, 4, -2, 2);
  REQUIRE(gradcheck([](const Tensors& v) { return leaky_relu(v[0], 0); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return elu(v[0], 0.3); }, {x}) == "");
}

TEST_CASE("softmaxes have the right gradient along every axis", "[ops]") {
  for (const Shape& shape : {Shape{5}, Shape{1, 4}, Shape{3, 4, 2}, Shape{2, 0}, Shape{2, 1, 3}}) {
    for (int axis = -shape.rank(); axis < shape.rank(); ++axis) {
      INFO(shape.str() << ", axis " << axis);
      const Tensor x = random_tensor(shape, 3, -3, 3);
      REQUIRE(gradcheck([=](const Tensors& v) { return softmax(v[0], axis); }, {x}) == "");
      REQUIRE(gradcheck([=](const Tensors& v) { return log_softmax(v[0] * 2, axis); }, {x}) == "");
    }
  }
}

TEST_CASE("activations neither overflow nor lose their sign in the far tails", "[ops]") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    const double far = dtype == DType::f32 ? 100 : 800;
    const Tensor x = Tensor::from({-far, far}, {2}, {.dtype = dtype});
    REQUIRE(values(softplus(x))[1] == far);
    REQUIRE(values(sigmoid(x))[1] == 1);
    REQUIRE(values(tanh(x)) == V{-1, 1});
    REQUIRE(values(softmax(x)) == V{0, 1});
    REQUIRE(values(log_softmax(x)) == V{-2 * far, 0});
    for (const Act act : kActs) {
      if (act == Act::exponential) continue;
      INFO(name_of(act));
      Tensor leaf = x.clone().detach().requires_grad();
      const Tensor y = activation(leaf, act);
      y.backward(Tensor::ones({2}, x.options()));
      for (const double value : values(y)) REQUIRE(std::isfinite(value));
      for (const double value : values(leaf.grad())) REQUIRE(std::isfinite(value));
    }
  }
  // Not rounded to 0: the logarithm of the result is still of use.
  REQUIRE(values(sigmoid(Tensor::scalar(-50)))[0] == Approx(std::exp(-50.0)).epsilon(1e-5));
  REQUIRE(values(softplus(Tensor::scalar(-50)))[0] == Approx(std::exp(-50.0)).epsilon(1e-5));
}

TEST_CASE("activations pass NaN on", "[ops]") {
  const Tensor x = Tensor::full({9}, std::numeric_limits<double>::quiet_NaN());
  for (const Act act : kActs) {
    INFO(name_of(act));
    REQUIRE(std::isnan(values(activation(x, act))[4]));
  }
}

TEST_CASE("relu writes its gradient over the one that comes in", "[ops]") {
  const Tensor x = Tensor::full({1 << 20}, 1.0).requires_grad();
  const Tensor y = scale_shift(relu(scale_shift(x, 1, 0)), 1, 0);
  const Tensor dy = Tensor::ones({1 << 20});
  reset_peak_memory();
  const std::size_t before = memory_stats().live_bytes;
  y.backward(dy);
  // x's own gradient, the copy of dy that the walk starts from and one buffer in between.
  REQUIRE(memory_stats().peak_bytes - before < 3 * dy.bytes() + 4096);
}

TEST_CASE("activations know Keras's names", "[ops]") {
  for (const Act act : kActs) REQUIRE(act_named(name_of(act)) == act);
  REQUIRE(act_named("linear") == Act::none);
  REQUIRE(act_named("swish") == Act::silu);
  REQUIRE(act_named("hard_swish") == Act::hard_silu);
  REQUIRE_THROWS_WITH(act_named("rleu"), "activation 'rleu' is unknown");
  REQUIRE_THROWS_WITH(act_named("glu"),
                      "activation 'glu' halves an axis, which no layer does; only the function "
                      "glu() does");
  REQUIRE_THROWS_WITH(act_named("threshold"),
                      "activation 'threshold' has no default threshold; take ReLU's option");
}

TEST_CASE("the options of the rarer activations have the right gradient", "[ops]") {
  const Tensor x = random_tensor({4, 6}, 4, -2, 2);
  REQUIRE(gradcheck([](const Tensors& v) { return celu(v[0], 0.3); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return soft_shrink(v[0], 0.2); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return hard_shrink(v[0], 0.2); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return squareplus(v[0], 0.5); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return glu(v[0], 0); }, {x}) == "");
  REQUIRE(gradcheck([](const Tensors& v) { return glu(v[0]); }, {x}) == "");
}

TEST_CASE("sparsemax gives probabilities, of equal elements too", "[ops]") {
  const Tensor x = Tensor::from({1, 1, 0.5, -3, 5, 0, 0, 0, 2, 2, 2, 2}, {3, 4});
  REQUIRE(values(sparsemax(x)) == V{0.5, 0.5, 0, 0, 1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25});
}

TEST_CASE("activations say what they wanted", "[ops]") {
  const Tensor bytes = Tensor::zeros({2}, {.dtype = DType::u8});
  REQUIRE_THROWS_AS(relu(bytes), DTypeError);
  REQUIRE_THROWS_WITH(relu(bytes), "relu: input must be f32 or f64; got u8");
  REQUIRE_THROWS_WITH(leaky_relu(Tensor::zeros({1}), -0.1),
                      "leaky_relu: slope must not be negative; got -0.1");
  REQUIRE_THROWS_WITH(elu(Tensor::zeros({1}), -1), "elu: alpha must not be negative; got -1");
  REQUIRE_THROWS_WITH(celu(Tensor::zeros({1}), 0), "celu: alpha must be above 0; got 0");
  REQUIRE_THROWS_WITH(glu(Tensor::zeros({2, 3})), "glu: axis -1 must be of even size; got [2, 3]");
  REQUIRE_THROWS_AS(sparsemax(Tensor::scalar(1)), ShapeError);
  REQUIRE_THROWS_AS(softmax(Tensor::scalar(1)), ShapeError);
  REQUIRE_THROWS_WITH(softmax(Tensor::zeros({2, 3}), 2),
                      "softmax: axis 2 is out of range for shape [2, 3]");
}

}  // namespace
}  // namespace mien
