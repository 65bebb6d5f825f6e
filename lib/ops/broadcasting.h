#pragma once

#include "kernels/args.h"
#include "mien/autograd.h"
#include "mien/tensor.h"

// What ops that broadcast share.

namespace mien {

/// The walk over `out` that a and b broadcast to.
BroadcastArgs walk_of(const Shape& out, const Shape& a, const Shape& b);

/// slot = beta slot + x repeated to the shape of slot's tensor, which it broadcasts to.
void repeat_into(const char* op, const GradSlot& slot, const Tensor& x);

/// x repeated to a shape that it broadcasts to; x itself where it has that shape. Not recorded.
Tensor expanded(const char* op, const Tensor& x, const Shape& shape);

/// slot = beta slot + alpha * the sum of full over the axes that slot's tensor repeats.
void sum_into(const char* op, const GradSlot& slot, const Tensor& full, double alpha = 1);

/// The gradient of an input that was broadcast to dy's shape: compute(out, beta) writes beta * old
/// + gradient over dy's elements, summed afterwards where the input repeats.
template <class F>
void deliver_broadcast(const char* op, GradOut& dx, int input, const Tensor& dy, F&& compute) {
  if (!dx.wants(input)) return;
  if (dx.shape(input) == dy.shape()) {
    const GradSlot slot = dx.into(input);
    return compute(slot.raw(), slot.beta);
  }
  const Tensor full = Tensor::empty(dy.shape(), dy.options());
  compute(full.raw(), 0.0);
  sum_into(op, dx.into(input), full);
}

}  // namespace mien
