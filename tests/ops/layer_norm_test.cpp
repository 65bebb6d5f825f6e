#include "mien/ops/layer_norm.h"

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("layer_norm is PyTorch's", "[ops][golden]") {
  for (const DType dtype : {DType::f64, DType::f32}) {
    const double tolerance = dtype == DType::f64 ? 1e-12 : 1e-6;
    const auto input = [&](const char* name) {
      return golden(std::string("norm/input_") + name).to(dtype);
    };
    const Tensor x = input("x").requires_grad(), gamma = input("gamma").requires_grad();
    const Tensor beta = input("beta").requires_grad();
    const Tensor y = layer_norm(x, gamma, beta);
    y.backward(input("dy"));
    CHECK(relative_error(y, golden("norm/layer_y")) < tolerance);
    CHECK(relative_error(x.grad(), golden("norm/layer_dx")) < tolerance);
    CHECK(relative_error(gamma.grad(), golden("norm/layer_dgamma")) < tolerance);
    CHECK(relative_error(beta.grad(), golden("norm/layer_dbeta")) < tolerance);
  }
}

TEST_CASE("layer_norm's gradients are those of differences", "[ops][gradcheck]") {
  const Tensor gamma = random_tensor({5}, 2), beta = random_tensor({5}, 3), none;
  for (const Shape& shape : {Shape{5}, Shape{3, 5}, Shape{2, 1, 3, 5}}) {
    INFO(shape.str());
    const Tensor x = random_tensor(shape, 1);
    CHECK(gradcheck([](const Tensors& v) { return layer_norm(v[0], v[1], v[2]); },
                    {x, gamma, beta}) == "");
    CHECK(gradcheck([](const Tensors& v) { return layer_norm(2 * v[0], v[1], Tensor()); },
                    {x, gamma}) == "");
    CHECK(gradcheck([&](const Tensors& v) { return layer_norm(v[0], none, none); }, {x}) == "");
    CHECK(gradcheck([](const Tensors& v) { return layer_norm(v[0], v[1], v[1]); }, {x, gamma}) ==
          "");
  }
  // One tensor for all, a leaf and an interior one.
  CHECK(gradcheck([](const Tensors& v) { return layer_norm(v[0], v[0], v[0]); }, {gamma}) == "");
  CHECK(gradcheck(
            [](const Tensors& v) {
              const Tensor h = 2 * v[0];
              return layer_norm(h, h, h);
            },
            {gamma}) == "");
}

TEST_CASE("layer_norm gives the same bits for one and two threads", "[ops]") {
  const Tensor data = random_tensor({4000, 33}, 1, -1, 1, DType::f32);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    const Tensor x = data.clone().requires_grad(), gamma = Tensor::ones({33}).requires_grad();
    const Tensor y = layer_norm(x, gamma, Tensor());
    y.backward(data);
    for (const Tensor& each : {y, x.grad(), gamma.grad()}) results.push_back(values(each));
  }
  set_num_threads(0);
  for (std::size_t i = 0; i < 3; ++i) CHECK(results[i] == results[i + 3]);
}

TEST_CASE("layer_norm says what it wanted", "[ops]") {
  CHECK(layer_norm(Tensor::zeros({0, 3}), Tensor(), Tensor()).shape() == Shape{0, 3});
  CHECK_THROWS_WITH(layer_norm(Tensor::zeros({2, 3}), Tensor(), Tensor::ones({2})),
                    "layer_norm: beta must be [3] for input [2, 3]; got [2]");
  CHECK_THROWS_WITH(layer_norm(Tensor::zeros({2, 0}), Tensor(), Tensor()),
                    "layer_norm: input must be [..., C] with C >= 1; got [2, 0]");
}

}  // namespace
}  // namespace mien
