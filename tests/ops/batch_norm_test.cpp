#include "mien/ops/batch_norm.h"

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

void check_against(const std::string& prefix, DType dtype, double tolerance,
                   const BatchNormOptions& options) {
  const auto input = [&](const char* name) {
    return golden(std::string("norm/input_") + name).to(dtype);
  };
  const auto wanted = [&](const char* name) { return golden("norm/" + prefix + "_" + name); };
  const Tensor x = input("x").requires_grad(), gamma = input("gamma").requires_grad();
  const Tensor beta = input("beta").requires_grad();
  const BatchNormResult out = batch_norm(x, gamma, beta, options);
  out.y.backward(input("dy"));
  CHECK(relative_error(out.y, wanted("y")) < tolerance);
  CHECK(relative_error(out.mean, wanted("mean")) < tolerance);
  CHECK(relative_error(out.variance, wanted("variance")) < tolerance);
  CHECK(relative_error(x.grad(), wanted("dx")) < tolerance);
  CHECK(relative_error(gamma.grad(), wanted("dgamma")) < tolerance);
  CHECK(relative_error(beta.grad(), wanted("dbeta")) < tolerance);
}

TEST_CASE("batch_norm over the batch is PyTorch's", "[ops][golden]") {
  check_against("batch", DType::f64, 1e-12, {});
  check_against("batch", DType::f32, 2e-5, {});  // a mean 15 times the deviation is among them
}

TEST_CASE("batch_norm with given statistics is PyTorch's", "[ops][golden]") {
  const Tensor mean = golden("norm/fixed_mean"), variance = golden("norm/fixed_variance");
  check_against("fixed", DType::f64, 1e-12, {.mean = mean, .variance = variance});
  check_against("fixed", DType::f32, 1e-6,
                {.mean = mean.to(DType::f32), .variance = variance.to(DType::f32)});
}

TEST_CASE("batch_norm's gradients are those of differences", "[ops][gradcheck]") {
  struct Case {
    Shape x;
    bool gamma, beta;
  };
  const Case cases[] = {
      {{5, 3}, true, true},   {{2, 3, 2, 21}, true, true},  // 16, 4 and 1 columns at a time
      {{4, 1}, true, false},  {{3, 2}, false, true},
      {{6, 2}, false, false}, {{1, 3}, true, true}};
  for (const Case& each : cases) {
    INFO(each.x.str());
    const std::int64_t c = each.x[-1];
    const Tensor mean = random_tensor({c}, 4), variance = random_tensor({c}, 5, 0.5, 2);
    Tensors inputs{random_tensor(each.x, 1)};
    if (each.gamma) inputs.push_back(random_tensor({c}, 2));
    if (each.beta) inputs.push_back(random_tensor({c}, 3));
    const auto call = [&](const Tensors& v, const BatchNormOptions& options) {
      const Tensor gamma = each.gamma ? v[1] : Tensor();
      const Tensor beta = each.beta ? v[each.gamma ? 2 : 1] : Tensor();
      return batch_norm(v[0], gamma, beta, options).y;
    };
    // The interior input lets the gradient be made in place.
    CHECK(gradcheck(
              [&](const Tensors& v) {
                Tensors u = v;
                u[0] = 2 * v[0];
                return call(u, {});
              },
              inputs) == "");
    CHECK(gradcheck([&](const Tensors& v) { return call(v, {}); }, inputs) == "");
    CHECK(gradcheck([&](const Tensors& v) { return call(v, {.mean = mean, .variance = variance}); },
                    inputs) == "");
  }
  const Tensors twice{random_tensor({5, 3}, 1), random_tensor({3}, 2)};
  CHECK(gradcheck([](const Tensors& v) { return batch_norm(v[0], v[1], v[1], {}).y; }, twice) ==
        "");
}

TEST_CASE("batch statistics survive a mean far larger than the deviation", "[ops]") {
  // In f32, E[x^2] - E[x]^2 would be wrong in the first digit here.
  const Tensor x = random_tensor({4096, 3}, 1) + 1000.0;
  const BatchNormResult exact = batch_norm(x, Tensor(), Tensor());
  const BatchNormResult single = batch_norm(x.to(DType::f32), Tensor(), Tensor());
  CHECK(relative_error(single.variance, exact.variance) < 2e-4);
  CHECK(relative_error(single.mean, exact.mean) < 3e-7);
}

TEST_CASE("batch_norm gives the same bits for one and two threads", "[ops]") {
  const Tensor data = random_tensor({70, 24, 24, 5}, 1, -1, 1, DType::f32);
  const Tensor dy = random_tensor(data.shape(), 2, -1, 1, DType::f32);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    const Tensor x = data.clone().requires_grad(), gamma = Tensor::ones({5}).requires_grad();
    const BatchNormResult out = batch_norm(x, gamma, Tensor());
    out.y.backward(dy);
    for (const Tensor& each : {out.y, out.mean, out.variance, x.grad(), gamma.grad()})
      results.push_back(values(each));
  }
  set_num_threads(0);
  for (std::size_t i = 0; i < 5; ++i) CHECK(results[i] == results[i + 5]);
}

TEST_CASE("an empty batch passes through batch_norm", "[ops]") {
  const Tensor x = Tensor::zeros({0, 4}).requires_grad(), gamma = Tensor::ones({4}).requires_grad();
  const BatchNormResult out = batch_norm(x, gamma, Tensor());
  REQUIRE(out.y.shape() == Shape{0, 4});
  out.y.backward(Tensor::zeros({0, 4}));
  CHECK(values(gamma.grad()) == std::vector<double>(4, 0.0));
}

TEST_CASE("given statistics may move before the backward", "[ops]") {
  Tensor mean = Tensor::zeros({2}), variance = Tensor::ones({2});
  const Tensor x = Tensor::ones({3, 2}).requires_grad();
  const Tensor y =
      batch_norm(x, Tensor(), Tensor(), {.epsilon = 0, .mean = mean, .variance = variance}).y;
  variance.copy_from(Tensor::full({2}, 4));
  y.backward(Tensor::ones({3, 2}));
  CHECK(values(x.grad()) == std::vector<double>(6, 1.0));
}

TEST_CASE("batch_norm says what it wanted", "[ops]") {
  const Tensor x = Tensor::zeros({2, 3}), none;
  CHECK_THROWS_WITH(batch_norm(x, Tensor::ones({4}), none),
                    "batch_norm: gamma must be [3] for input [2, 3]; got [4]");
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.mean = Tensor::ones({3})}),
                    "batch_norm: mean and variance must be given together");
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.epsilon = -1}),
                    "batch_norm: epsilon must not be negative; got -1");
  CHECK_THROWS_WITH(batch_norm(Tensor::scalar(1), none, none),
                    "batch_norm: input must be [..., C] with C >= 1; got []");
  CHECK_THROWS_AS(batch_norm(x, Tensor::ones({3}, {.dtype = DType::f64}), none), DTypeError);
}

}  // namespace
}  // namespace mien
