#include "mien/ops/matmul.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// The definition, in double: y[b] = op(a[b]) op(c[b]).
std::vector<double> naive(const Tensor& a, const Tensor& b, bool ta, bool tb, std::int64_t batch) {
  const std::vector<double> va = values(a), vb = values(b);
  const std::int64_t m = a.shape()[ta ? -1 : -2], k = a.shape()[ta ? -2 : -1],
                     n = b.shape()[tb ? -2 : -1];
  const bool a_shared = a.numel() == m * k, b_shared = b.numel() == k * n;
  std::vector<double> y(static_cast<std::size_t>(batch * m * n));
  for (std::int64_t s = 0; s < batch; ++s)
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::int64_t p = 0; p < k; ++p)
          sum += va[std::size_t((a_shared ? 0 : s * m * k) + (ta ? p * m + i : i * k + p))] *
                 vb[std::size_t((b_shared ? 0 : s * k * n) + (tb ? j * k + p : p * n + j))];
        y[std::size_t((s * m + i) * n + j)] = sum;
      }
  return y;
}

struct Case {
  Shape a, b;
  bool ta, tb;
  Shape y;
};

const std::vector<Case> kCases = {
    {{2, 3}, {3, 4}, false, false, {2, 4}},
    {{1, 1}, {1, 1}, false, false, {1, 1}},
    {{1, 7}, {7, 1}, false, false, {1, 1}},
    {{1, 5}, {5, 6}, false, false, {1, 6}},
    {{6, 5}, {5, 1}, false, false, {6, 1}},
    {{3, 2}, {3, 4}, true, false, {2, 4}},
    {{2, 3}, {4, 3}, false, true, {2, 4}},
    {{3, 2}, {4, 3}, true, true, {2, 4}},
    {{2, 3, 2, 4}, {2, 3, 4, 5}, false, false, {2, 3, 2, 5}},
    {{3, 4, 2}, {3, 5, 4}, true, true, {3, 2, 5}},
    {{3, 2, 4}, {4, 5}, false, false, {3, 2, 5}},  // one right matrix for all
    {{3, 2, 4}, {1, 5, 4}, false, true, {3, 2, 5}},
    {{3, 4, 2}, {4, 5}, true, false, {3, 2, 5}},
    {{2, 4}, {3, 4, 5}, false, false, {3, 2, 5}},  // one left matrix for all
    {{4, 2}, {3, 5, 4}, true, true, {3, 2, 5}},
    {{2, 0}, {0, 3}, false, false, {2, 3}},  // a sum of nothing
    {{0, 2, 3}, {3, 4}, false, false, {0, 2, 4}},
};

TEST_CASE("matmul is the sum of products over the inner axis, for all shapes it takes", "[ops]") {
  for (const Case& c : kCases) {
    INFO(c.a.str() << " x " << c.b.str());
    const Tensor a = random_tensor(c.a, 1), b = random_tensor(c.b, 2);
    const Tensor y = matmul(a, b, {.transpose_a = c.ta, .transpose_b = c.tb});
    REQUIRE(y.shape() == c.y);
    const Tensor want =
        Tensor::from(naive(a, b, c.ta, c.tb, c.y.slice(0, -2).numel()), c.y, y.options());
    REQUIRE(relative_error(y, want) < 1e-13);
  }
}

TEST_CASE("matmul's gradients match differences", "[ops]") {
  for (const Case& c : kCases) {
    INFO(c.a.str() << " x " << c.b.str());
    const MatmulOptions options{.transpose_a = c.ta, .transpose_b = c.tb};
    REQUIRE(gradcheck([&](const Tensors& x) { return matmul(x[0], x[1], options); },
                      {random_tensor(c.a, 3), random_tensor(c.b, 4)}) == "");
  }
}

TEST_CASE("dense is a product and a bias, with their gradients", "[ops]") {
  for (const Shape& shape : {Shape{5, 3}, Shape{3}, Shape{2, 4, 3}, Shape{0, 3}, Shape{1, 3}}) {
    INFO(shape.str());
    const Tensor x = random_tensor(shape, 5), w = random_tensor({3, 4}, 6),
                 b = random_tensor({4}, 7);
    const auto f = [](const Tensors& in) { return dense(in[0], in[1], in[2]); };
    REQUIRE(gradcheck(f, {x, w, b}) == "");
    REQUIRE(gradcheck([](const Tensors& in) { return dense(in[0], in[1]); }, {x, w}) == "");
    REQUIRE(dense(x, w, b).shape() == join(shape.slice(0, -1), {4}));
  }
  const Tensor y = dense(Tensor::from({1, 2}, {2}), Tensor::from({1, 2, 3, 4}, {2, 2}),
                         Tensor::from({10, 20}, {2}));
  REQUIRE(values(y) == std::vector<double>{17, 30});
}

TEST_CASE("dense gives PyTorch's values", "[ops]") {
  Tensor x = golden("conv/dense_x"), w = golden("conv/dense_w"), b = golden("conv/dense_b");
  x.requires_grad();
  w.requires_grad();
  b.requires_grad();
  const Tensor y = dense(x, w, b);
  REQUIRE(relative_error(y, golden("conv/dense_y")) < 1e-6);
  y.backward(golden("conv/dense_dy"));
  REQUIRE(relative_error(x.grad(), golden("conv/dense_dx")) < 1e-6);
  REQUIRE(relative_error(w.grad(), golden("conv/dense_dw")) < 1e-6);
  REQUIRE(relative_error(b.grad(), golden("conv/dense_db")) < 1e-6);
}

TEST_CASE("matmul gives the same bits for any number of threads and any address", "[ops]") {
  const Tensor a = random_tensor({300, 700}, 8, -1, 1, DType::f32);
  const Tensor b = random_tensor({700, 90}, 9, -1, 1, DType::f32);
  const KeepSettings keep;
  set_num_threads(1);
  const std::vector<double> want = values(matmul(a, b));
  for (const int threads : {2, 3, 7}) {
    set_num_threads(threads);
    REQUIRE(values(matmul(a, b)) == want);
  }
  for (const std::int64_t k : {1, 3, 17}) {  // rows of a sit at an odd address
    const Tensor shifted = Tensor::zeros({5, k});
    const Tensor small = random_tensor({4, k}, 10, -1, 1, DType::f32);
    shifted.slice(1, 5).copy_from(small);
    const Tensor right = random_tensor({k, 3}, 11, -1, 1, DType::f32);
    REQUIRE(values(matmul(shifted.slice(1, 5), right)) == values(matmul(small, right)));
  }
}

TEST_CASE("matmul agrees between the instruction sets", "[ops]") {
  const Tensor a = random_tensor({65, 333}, 12, -1, 1, DType::f32);
  const Tensor b = random_tensor({70, 333}, 13, -1, 1, DType::f32);
  const KeepSettings keep;
  set_cpu_isa("base");
  const Tensor want = matmul(a, b, {.transpose_b = true});
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    INFO(std::string(isa));
    REQUIRE(relative_error(matmul(a, b, {.transpose_b = true}), want) < 1e-6);
  }
}

TEST_CASE("matmul and dense say what they want", "[ops]") {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  REQUIRE_THROWS_WITH(matmul(zeros({2, 3}), zeros({4, 5})),
                      "matmul: inner sizes differ: [2, 3] x [4, 5]");
  REQUIRE_THROWS_WITH(matmul(zeros({2, 3}), zeros({3, 5}), {.transpose_b = true}),
                      "matmul: inner sizes differ: [2, 3] x [3, 5] transposed");
  REQUIRE_THROWS_WITH(matmul(zeros({3}), zeros({3, 5})),
                      "matmul: both operands must be matrices, [..., m, k] and [..., k, n]; got "
                      "[3] and [3, 5]");
  REQUIRE_THROWS_WITH(matmul(zeros({2, 3, 4}), zeros({3, 4, 5})),
                      "matmul: leading axes must be equal, or absent on one side; got [2, 3, 4] "
                      "and [3, 4, 5]");
  REQUIRE_THROWS_AS(matmul(zeros({2, 3}), Tensor::zeros({3, 4}, {.dtype = DType::f64})),
                    DTypeError);
  REQUIRE_THROWS_WITH(dense(zeros({8, 5}), zeros({4, 3})),
                      "dense: input [8, 5] has 5 features; weight [4, 3] wants 4");
  REQUIRE_THROWS_WITH(dense(zeros({8, 4}), zeros({4, 3}), zeros({4})),
                      "dense: bias must be [3] for weight [4, 3]; got [4]");
}

}  // namespace
}  // namespace mien
