#pragma once

#include "lib/core/kernels_for.h"
#include "mien/autograd.h"

namespace mien {

/// The gradient of a bias, where nobody had it on the way (GradOut::bias_of()): slot = beta slot +
/// the sum of dy over all axes but the last.
inline void column_sum(const char* op, const Tensor& dy, const GradSlot& slot) {
  const std::int64_t columns = dy.shape()[-1];
  run(op, dy, &KernelTable::reduce,
      ReduceArgs{.op = ReduceOp::sum,
                 .rank = 2,
                 .dims = {columns > 0 ? dy.numel() / columns : 0, columns},
                 .reduced = {true, false},
                 .x = dy.raw(),
                 .y = slot.raw(),
                 .alpha = 1,
                 .beta = slot.beta,
                 .to_f32 = dy.dtype() == DType::bf16});
}

}  // namespace mien
