#include <vector>

#include "kernels/api.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

TEST_CASE("the derivatives of a sum and of a difference read neither operand", "[kernels]") {
  // A column and a row, to [2, 3].
  const BroadcastArgs walk{.rank = 2, .dims = {2, 3}, .a_strides = {1, 0}, .b_strides = {0, 1}};
  const std::vector<float> dy{1, -2, 3, -4, 5, -6};
  for (const BinaryOp op : {BinaryOp::add, BinaryOp::sub})
    for (const int input : {0, 1})
      for (const double beta : {0.0, 2.0}) {
        CAPTURE(int(op), input, beta);
        std::vector<float> out(6, 10);
        cpu_kernels(DType::f32)
            .binary_grad({op, input, walk, dy.data(), nullptr, nullptr, out.data(), beta}, nullptr);
        const float sign = op == BinaryOp::sub && input == 1 ? -1.0f : 1.0f;
        for (std::size_t i = 0; i < 6; ++i) CHECK(out[i] == float(beta) * 10 + sign * dy[i]);
      }
}

}  // namespace
}  // namespace mien
