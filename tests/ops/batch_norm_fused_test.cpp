#include <cmath>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "mien/ops/batch_norm.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/pool.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  Shape x;
  bool relu, pool, residual;
  double dropout = 0;
  bool given = false;  // statistics
};
const Case kCases[] = {{{3, 6, 8, 64}, true, true, false, 0.25},  // as in networks of convolutions
                       {{2, 7, 5, 20}, true, true, true, 0.4},  // an odd line and column left over
                       {{4, 3, 2, 5}, false, true, false},      // less than a vector
                       {{1, 4, 4, 1030}, true, true, false, 0.1},      // two tiles of columns
                       {{33, 48}, true, false, false, 0.5},            // as after Dense
                       {{2, 3, 3, 16}, true, false, true},             // as in residual networks
                       {{2, 2, 2, 3}, false, false, true},             //
                       {{9, 17}, false, false, false, 0.3},            //
                       {{2, 4, 6, 16}, true, true, true, 0.25, true},  // given statistics
                       {{1, 2, 2, 1}, true, true, false},              //
                       {{0, 4, 4, 8}, true, true, true, 0.25}};        // an empty batch

std::string describe(const Case& each, std::string_view isa) {
  return each.x.str() + " relu " + std::to_string(each.relu) + " pool " +
         std::to_string(each.pool) + " residual " + std::to_string(each.residual) + " on " +
         std::string(isa);
}

struct Inputs {
  Tensor x, gamma, beta, residual, mean, variance;
};
Inputs inputs_of(const Case& each, DType dtype) {
  const std::int64_t c = each.x[-1];
  Inputs in;
  in.x = random_tensor(each.x, 1, -1, 1, dtype).requires_grad();
  in.gamma = random_tensor({c}, 2, 0.5, 2, dtype).requires_grad();
  in.beta = random_tensor({c}, 3, -0.5, 0.5, dtype).requires_grad();
  if (each.residual) in.residual = random_tensor(each.x, 4, -1, 1, dtype).requires_grad();
  if (each.given) {
    in.mean = random_tensor({c}, 5, -0.5, 0.5, dtype);
    in.variance = random_tensor({c}, 6, 0.2, 1, dtype);
  }
  return in;
}

Tensor in_one(const Case& each, const Inputs& in) {
  Generator random(7);
  return batch_norm(in.x, in.gamma, in.beta,
                    {.mean = in.mean,
                     .variance = in.variance,
                     .residual = in.residual,
                     .relu = each.relu,
                     .max_pool = each.pool,
                     .dropout = each.dropout,
                     .random = &random})
      .y;
}

Tensor one_by_one(const Case& each, const Inputs& in) {
  Generator random(7);
  Tensor y = batch_norm(in.x, in.gamma, in.beta, {.mean = in.mean, .variance = in.variance}).y;
  if (each.residual) y = add(y, in.residual);
  if (each.relu) y = relu(y);
  if (each.pool) y = max_pool2d(y);
  return dropout(y, each.dropout, random);
}

TEST_CASE("batch_norm and what follows it give in one pass what they give one by one", "[ops]") {
  const KeepSettings keep;
  for (const DType dtype : {DType::f64, DType::f32}) {
    for (const std::string_view isa : runnable_isas()) {
      const double tolerance = dtype == DType::f64 ? 1e-12 : 3e-6;
      for (const Case& each : kCases) {
        INFO(describe(each, isa) << " " << name_of(dtype));
        set_cpu_isa("base");
        const Inputs apart = inputs_of(each, dtype), together = inputs_of(each, dtype);
        const Tensor wanted = one_by_one(each, apart);
        const Tensor dy = random_tensor(wanted.shape(), 8, -1, 1, dtype);
        wanted.backward(dy);
        set_cpu_isa(isa);
        const Tensor got = in_one(each, together);
        got.backward(dy);
        CHECK(relative_error(got, wanted) < tolerance);
        CHECK(relative_error(together.x.grad(), apart.x.grad()) < tolerance);
        CHECK(relative_error(together.gamma.grad(), apart.gamma.grad()) < tolerance);
        CHECK(relative_error(together.beta.grad(), apart.beta.grad()) < tolerance);
        if (each.residual)
          CHECK(relative_error(together.residual.grad(), apart.residual.grad()) < tolerance);
        // The same elements are dropped and off.
        const std::vector<double> a = values(got), b = values(wanted);
        for (std::size_t i = 0; i < a.size(); ++i)
          if ((a[i] == 0) != (b[i] == 0)) FAIL_CHECK("element " << i);
      }
    }
  }
}

TEST_CASE("channels whose gamma is small or 0 get their gradients too", "[ops]") {
  const KeepSettings keep;
  const Case each{{3, 6, 6, 48}, true, true, false, 0.25};
  // Of three vectors the first is usual, the second has one odd channel, the third only such.
  const auto inputs = [&] {
    Inputs in = inputs_of(each, DType::f32);
    std::vector<double> gamma(48, 1.5), beta(48, 0.25);
    for (std::size_t i = 20; i < 48; i += i == 20 ? 12 : 1) {
      gamma[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? 1e-3 : -1e-9;
      beta[i] = 1;
    }
    in.gamma = Tensor::from(std::span<const double>(gamma), {48}).requires_grad();
    in.beta = Tensor::from(std::span<const double>(beta), {48}).requires_grad();
    return in;
  };
  for (const std::string_view isa : runnable_isas()) {
    INFO(isa);
    set_cpu_isa("base");
    const Inputs apart = inputs(), together = inputs();
    const Tensor wanted = one_by_one(each, apart);
    const Tensor dy = random_tensor(wanted.shape(), 8, -1, 1, DType::f32);
    wanted.backward(dy);
    set_cpu_isa(isa);
    in_one(each, together).backward(dy);
    CHECK(relative_error(together.x.grad(), apart.x.grad()) < 3e-6);
    CHECK(relative_error(together.gamma.grad(), apart.gamma.grad()) < 3e-6);
    CHECK(relative_error(together.beta.grad(), apart.beta.grad()) < 3e-6);
  }
}

TEST_CASE("gradients through batch_norm and what follows it are those of differences",
          "[ops][gradcheck]") {
  for (const Case& each : kCases) {
    if (each.x.numel() > 400) continue;
    INFO(describe(each, "f64"));
    const Inputs in = inputs_of(each, DType::f64);
    Tensors leaves{in.x, in.gamma, in.beta};
    if (each.residual) leaves.push_back(in.residual);
    CHECK(gradcheck_leaves([&] { return in_one(each, in); }, leaves) == "");
    // Interior inputs let the gradients be made in place of x and dy.
    CHECK(gradcheck_leaves(
              [&] {
                Inputs interior = in;
                interior.x = 2 * in.x;
                if (each.residual) interior.residual = 3 * in.residual;
                return in_one(each, interior);
              },
              leaves) == "");
  }
}

TEST_CASE("batch_norm makes its gradient in place only of what nobody else holds", "[ops]") {
  const Tensor leaf = random_tensor({4, 4, 4, 3}, 1).requires_grad();
  const Tensor x = 2 * leaf;
  const std::vector<double> before = values(x);
  sum(batch_norm(x, Tensor(), Tensor(), {.relu = true, .max_pool = true}).y).backward();
  CHECK(values(x) == before);
  // Another op's saved tensor counts as well.
  const Tensor other = random_tensor({4, 4, 4, 3}, 2).requires_grad();
  const auto twice = [](const Tensors& v) {
    const Tensor inner = v[0] * 2;
    return add(square(inner), batch_norm(inner, Tensor(), Tensor(), {.relu = true}).y);
  };
  CHECK(gradcheck(twice, {other}) == "");
}

TEST_CASE("a bias before batch_norm gets the sum of the gradient, also with a second use",
          "[ops][gradcheck]") {
  const Tensors leaves{random_tensor({6, 4}, 1), random_tensor({4, 3}, 2), random_tensor({3}, 3)};
  const Tensor mean = random_tensor({3}, 4), variance = random_tensor({3}, 5, 0.5, 1);
  for (const bool given : {true, false}) {
    BatchNormOptions options{.relu = true};
    if (given) options = {.mean = mean, .variance = variance, .relu = true};
    const auto once = [&](const Tensors& v) {
      return batch_norm(dense(v[0], v[1], v[2]), Tensor(), Tensor(), options).y;
    };
    CHECK(gradcheck(once, leaves) == "");
    // The other use comes after batch_norm, then before it.
    CHECK(gradcheck(
              [&](const Tensors& v) {
                const Tensor x = dense(v[0], v[1], v[2]);
                return add(batch_norm(x, Tensor(), Tensor(), options).y, square(x));
              },
              leaves) == "");
    CHECK(gradcheck(
              [&](const Tensors& v) {
                const Tensor x = dense(v[0], v[1], v[2]), other = square(x);
                return add(other, batch_norm(x, Tensor(), Tensor(), options).y);
              },
              leaves) == "");
  }
}

TEST_CASE("the residual may be the input itself", "[ops][gradcheck]") {
  const auto f = [](const Tensors& v) {
    return batch_norm(v[0], Tensor(), Tensor(), {.residual = v[0], .relu = true}).y;
  };
  CHECK(gradcheck(f, {random_tensor({5, 3}, 1)}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return f({2 * v[0]}); }, {random_tensor({5, 3}, 1)}) ==
        "");
}

TEST_CASE("batch_norm in one pass gives the same bits for one, two and seven threads", "[ops]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    const Case each{{40, 25, 24, 24}, true, true, true, 0.25};
    std::vector<std::vector<double>> first;
    for (const int threads : {1, 2, 7}) {
      set_num_threads(threads);
      const Inputs in = inputs_of(each, DType::f32);
      const Tensor y = in_one(each, in);
      y.backward(random_tensor(y.shape(), 8, -1, 1, DType::f32));
      std::vector<std::vector<double>> results;
      for (const Tensor& t : {y, in.x.grad(), in.gamma.grad(), in.beta.grad(), in.residual.grad()})
        results.push_back(values(t));
      if (first.empty()) first = results;
      CHECK(results == first);
    }
  }
}

TEST_CASE("a NaN survives ReLU and pooling after batch_norm", "[ops]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (int place = 0; place < 4; ++place) {
      std::vector<double> data(64, 1.0);
      data[std::size_t(place) * 16 + 3] = std::nan("");
      const Tensor x = Tensor::from(std::span<const double>(data), {1, 2, 2, 16});
      const BatchNormOptions options{.mean = Tensor::zeros({16}),
                                     .variance = Tensor::ones({16}),
                                     .relu = true,
                                     .max_pool = true};
      const std::vector<double> y = values(batch_norm(x, Tensor(), Tensor(), options).y);
      CHECK(std::isnan(y[3]));
      CHECK(y[2] == Approx(1).margin(1e-3));
    }
  }
}

TEST_CASE("batch_norm says what it wanted of what follows it", "[ops]") {
  const Tensor x = Tensor::zeros({2, 3}), none;
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.residual = Tensor::zeros({3})}),
                    "batch_norm: residual must be of the input's shape [2, 3]; got [3]");
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.max_pool = true}),
                    "batch_norm: input must be [N, H, W, C] where it pools; got [2, 3]");
  CHECK_THROWS_WITH(batch_norm(Tensor::zeros({1, 1, 4, 2}), none, none, {.max_pool = true}),
                    "batch_norm: a window of 2x2 does not fit into input [1, 1, 4, 2]");
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.dropout = 1}),
                    "batch_norm: dropout must be in [0, 1); got 1");
  CHECK_THROWS_WITH(batch_norm(x, none, none, {.dropout = .5}),
                    "batch_norm: dropout needs a generator");
}

}  // namespace
}  // namespace mien
