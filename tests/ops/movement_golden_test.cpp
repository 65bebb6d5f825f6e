// The movement ops and matmul against PyTorch: tests/golden/make_golden_movement.py, by name.
#include <functional>
#include <string>
#include <vector>

#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

namespace mien {
namespace {

Tensor ramp(const Shape& shape, int start = 1) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < shape.numel(); ++i) out.push_back(double((start + 5 * i) % 17 - 8));
  return Tensor::from(out, shape).requires_grad();
}

Tensor weights_for(const Tensor& y) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < y.numel(); ++i) out.push_back(double(1 + i % 5));
  return Tensor::from(out, y.shape());
}

struct Case {
  std::string name;
  Tensors inputs;
  std::function<Tensor(const Tensors&)> op;
};

std::vector<Case> cases() {
  const Tensor picked = Tensor::from({2, 0, 2, 1}, {2, 2}, {.dtype = DType::i32});
  return {
      {"transpose",
       {ramp({2, 3, 4})},
       [](const Tensors& x) {
         return transpose(x[0], {2, 0, 1});
       }},
      {"flip",
       {ramp({2, 3, 4})},
       [](const Tensors& x) {
         return flip(x[0], {0, 2});
       }},
      {"broadcast_to",
       {ramp({2, 1})},
       [](const Tensors& x) {
         return broadcast_to(x[0], {4, 2, 3});
       }},
      {"slice",
       {ramp({3, 7, 2})},
       [](const Tensors& x) { return slice(x[0], 1, {.begin = 1, .end = 6, .step = 2}); }},
      {"pad",
       {ramp({2, 3, 4})},
       [](const Tensors& x) {
         return pad(x[0], {{0, 0}, {0, 3}, {1, 2}}, 1.5);
       }},
      {"concatenate",
       {ramp({2, 3, 2}), ramp({2, 1, 2}, 4)},
       [](const Tensors& x) { return concatenate(x, 1); }},
      {"stack", {ramp({2, 3}), ramp({2, 3}, 4)}, [](const Tensors& x) { return stack(x, 1); }},
      {"gather", {ramp({2, 3, 2})}, [picked](const Tensors& x) { return gather(x[0], picked, 1); }},
      {"matmul",
       {ramp({3, 4}), ramp({4, 2}, 3)},
       [](const Tensors& x) { return matmul(x[0], x[1]); }},
      {"matmul_transposed",
       {ramp({4, 3}), ramp({2, 4}, 3)},
       [](const Tensors& x) {
         return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true});
       }},
      {"matmul_batched",
       {ramp({5, 3, 4}), ramp({5, 4, 2}, 3)},
       [](const Tensors& x) { return matmul(x[0], x[1]); }},
      {"matmul_one_for_all",
       {ramp({2, 5, 3, 4}), ramp({2, 4}, 3)},
       [](const Tensors& x) { return matmul(x[0], x[1], {.transpose_b = true}); }},
  };
}

TEST_CASE("movement ops and matmul give PyTorch's values and gradients", "[ops]") {
  for (const Case& each : cases()) {
    INFO(each.name);
    const Tensor y = each.op(each.inputs);
    y.backward(weights_for(y));
    std::vector<double> got = values(y);
    for (const Tensor& input : each.inputs) {
      const std::vector<double> gradient = values(input.grad());
      got.insert(got.end(), gradient.begin(), gradient.end());
    }
    REQUIRE(got == values(golden("movement/" + each.name)));  // small integers: exact
  }
}

}  // namespace
}  // namespace mien
