#include "mien/autograd.h"

#include <vector>

#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct ScaleGrad {
  static constexpr const char* name = "scale";
  double factor;
  void backward(const GradIn& dy, GradOut& dx) {
    Tensor out = Tensor::empty(dy[0].shape(), dy[0].options());
    std::vector<double> v = values(dy[0]);
    for (double& each : v) each *= factor;
    dx.add(0, Tensor::from(v, out.shape(), out.options()));
  }
};

Tensor scale(const Tensor& x, double factor) {
  std::vector<double> v = values(x);
  for (double& each : v) each *= factor;
  Tensor y = Tensor::from(v, x.shape(), x.options());
  return attach(y, {x}, ScaleGrad{factor});
}

// y = a + b through the sink's own accumulation: the gradient of both inputs is dy.
struct AddGrad {
  static constexpr const char* name = "add";
  void backward(const GradIn& dy, GradOut& dx) {
    dx.add(0, dy[0]);
    dx.add(1, dy[0]);
  }
};

Tensor add(const Tensor& a, const Tensor& b) {
  std::vector<double> v = values(a), w = values(b);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += w[i];
  Tensor y = Tensor::from(v, a.shape(), a.options());
  return attach(y, {a, b}, AddGrad{});
}

TEST_CASE("gradients of several uses of a leaf add up", "[core]") {
  const Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  add(scale(x, 3), scale(x, 4)).backward(Tensor::from({1, 10}, {2}));
  REQUIRE(values(x.grad()) == std::vector<double>{7, 70});
}

TEST_CASE("gradients handed to two inputs at once stay apart", "[core]") {
  const Tensor x = Tensor::from({1}, {1}).requires_grad();
  const Tensor h = scale(x, 1), g = scale(x, 5);
  // h gets dy twice, g once: an accumulation into h must not reach g through the shared bytes.
  add(add(h, g), h).backward();
  REQUIRE(values(x.grad()) == std::vector<double>{7});
}

// y = 3 x, its gradient made where dy lies if that is allowed.
struct InPlaceGrad {
  static constexpr const char* name = "in place";
  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.reuse(0, dy[0])) return dx.add(0, Tensor::from({3 * values(dy[0])[0]}, {1}));
    static_cast<float*>(dy[0].raw())[0] *= 3;
  }
};

TEST_CASE("what a backward begins with stays one", "[core]") {
  for (int round = 0; round < 2; ++round) {
    const Tensor x = Tensor::from({1}, {1}).requires_grad();
    const Tensor h = scale(x, 1);
    add(h, h).backward();  // adds to what it was handed
    REQUIRE(values(x.grad()) == std::vector<double>{2});
    const Tensor w = Tensor::from({1}, {1}).requires_grad();
    Tensor y = Tensor::from({3}, {1});
    attach(y, {scale(w, 1)}, InPlaceGrad{}).backward();
    REQUIRE(values(w.grad()) == std::vector<double>{3});
  }
}

TEST_CASE("a second backward adds to the leaf's gradient until zero_grad", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  scale(x, 3).backward();
  scale(x, 3).backward();
  REQUIRE(values(x.grad()) == std::vector<double>{6});
  x.zero_grad();
  REQUIRE_FALSE(x.grad().defined());
  scale(x, 3).backward();
  REQUIRE(values(x.grad()) == std::vector<double>{3});
}

TEST_CASE("a chain of a million ops neither builds nor dies by recursion", "[core]") {
  Tensor x = Tensor::from({1}, {1}).requires_grad();
  Tensor y = x;
  for (int i = 0; i < 1000000; ++i) y = y.view({1});
  y.backward();
  REQUIRE(values(x.grad()) == std::vector<double>{1});
  y = x;
  for (int i = 0; i < 1000000; ++i) y = y.view({1});  // and one that is only released
}

TEST_CASE("slices and views share bytes and pass gradients back", "[core]") {
  const Tensor x = Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2}).requires_grad();
  const Tensor middle = x.slice(1, 2).view({2, 1});
  REQUIRE(values(middle) == std::vector<double>{3, 4});
  add(middle, middle).backward(Tensor::from({1, 2}, {2, 1}));
  REQUIRE(values(x.grad()) == std::vector<double>{0, 0, 2, 4, 0, 0});
}

TEST_CASE("grad() gives gradients of interior tensors and leaves leaves alone", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const Tensor h = scale(x, 3);
  const Tensors got = grad(scale(h, 5), {h, x});
  REQUIRE(values(got[0]) == std::vector<double>{5});
  REQUIRE(values(got[1]) == std::vector<double>{15});
  REQUIRE_FALSE(x.grad().defined());
}

TEST_CASE("grad() answers for a tensor asked for twice, and for y itself", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const Tensor y = scale(x, 3);
  const Tensors got = grad(y, {x, y, x, y});
  REQUIRE(got.size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    REQUIRE(values(got[i]) == std::vector<double>{i % 2 == 0 ? 3.0 : 1.0});
  REQUIRE(values(grad(x, {x})[0]) == std::vector<double>{1});
}

TEST_CASE("nothing is recorded under NoGradGuard", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const NoGradGuard quiet;
  REQUIRE_FALSE(scale(x, 3).needs_grad());
}

TEST_CASE("a saved tensor that was modified in place is refused", "[core]") {
  Tensor x = Tensor::from({2}, {1});
  const SavedTensor saved(x);
  REQUIRE(values(saved.unpack()) == std::vector<double>{2});
  x.copy_from(Tensor::from({3}, {1}));
  REQUIRE_THROWS_WITH(
      saved.unpack(),
      "backward: a tensor of shape [1] that it needs was modified in place since the forward pass");
}

TEST_CASE("a graph is used once", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const Tensor h = scale(x, 3);
  scale(h, 1).backward();
  REQUIRE_THROWS_WITH(scale(h, 1).backward(),
                      Catch::Contains("already used by an earlier backward"));
}

TEST_CASE("backward says what it needs", "[core]") {
  REQUIRE_THROWS_WITH(Tensor::zeros({2}).backward(),
                      "backward: a result of one element is required; got [2]");
  REQUIRE_THROWS_WITH(Tensor::zeros({1}).backward(),
                      "backward: the tensor was not computed from any that requires a gradient");
  REQUIRE_THROWS_WITH(Tensor::zeros({1}, {.dtype = DType::i32}).requires_grad(),
                      "requires_grad: f32 or f64 is required; got i32");
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const Tensor doubles = Tensor::ones({1}, {.dtype = DType::f64});
  REQUIRE_THROWS_WITH(x.backward(doubles), "backward: the gradient must be f32; got f64");
  REQUIRE_THROWS_WITH(scale(x, 3).backward(doubles), "backward: the gradient must be f32; got f64");
  REQUIRE_FALSE(x.grad().defined());
}

struct WrongGrad {
  static constexpr const char* name = "wrong";
  Tensor gradient;
  void backward(const GradIn&, GradOut& dx) { dx.add(0, gradient); }
};

TEST_CASE("an op's gradient that does not fit its input is refused", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  const auto run = [](const Tensor& input, const Tensor& gradient) {
    Tensor y = Tensor::zeros({1});
    attach(y, {input}, WrongGrad{gradient}).backward();
  };
  REQUIRE_THROWS_WITH(run(x, Tensor::ones({2})), "wrong: gradient 0 must be [1]; got [2]");
  const Tensor doubles = Tensor::ones({1}, {.dtype = DType::f64});
  REQUIRE_THROWS_WITH(run(x, doubles), "wrong: gradient 0 must be f32; got f64");
  REQUIRE_THROWS_WITH(run(scale(x, 1), doubles), "wrong: gradient 0 must be f32; got f64");
}

// Objects of static storage die after those of the main thread: under valgrind or a sanitizer this
// shows what the release of a graph still touches then.
Tensor outlives_main;

TEST_CASE("a graph may be released after main", "[core]") {
  const Tensor x = Tensor::from({2}, {1}).requires_grad();
  scale(x, 3).backward();  // all that is kept for later backwards is there
  outlives_main = scale(scale(x, 3), 4);
  REQUIRE(outlives_main.needs_grad());
}

}  // namespace
}  // namespace mien
