#include "lib/ops/broadcasting.h"

#include <algorithm>

#include "lib/core/kernels_for.h"

namespace mien {
namespace {

// Strides with which a tensor of that shape walks through `out`.
void strides_in(const Shape& out, const Shape& shape, std::int64_t* strides) {
  std::int64_t step = 1;
  for (int axis = out.rank() - 1; axis >= 0; --axis) {
    const int own = axis - (out.rank() - shape.rank());
    const std::int64_t size = own < 0 ? 1 : shape[own];
    strides[axis] = size == 1 ? 0 : step;
    step *= size;
  }
}

}  // namespace

BroadcastArgs walk_of(const Shape& out, const Shape& a, const Shape& b) {
  BroadcastArgs walk{};
  walk.rank = out.rank();
  std::copy(out.begin(), out.end(), walk.dims);
  strides_in(out, a, walk.a_strides);
  strides_in(out, b, walk.b_strides);
  return walk;
}

void repeat_into(const char* op, const GradSlot& slot, const Tensor& x) {
  const Shape& shape = slot.grad.shape();
  CopyArgs args{};
  args.rank = shape.rank();
  std::copy(shape.begin(), shape.end(), args.dims);
  strides_in(shape, x.shape(), args.x_strides);
  strides_in(shape, shape, args.y_strides);
  args.x = x.raw();
  args.y = slot.raw();
  args.beta = slot.beta;
  run(op, x, &KernelTable::copy, args);
}

Tensor expanded(const char* op, const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const Tensor y = Tensor::empty(shape, x.options());
  repeat_into(op, {y, 0.0}, x);
  return y;
}

void sum_into(const char* op, const GradSlot& slot, const Tensor& full, double alpha) {
  const Shape &own = slot.grad.shape(), &dims = full.shape();
  if (own.numel() == full.numel()) {
    return run(op, full, &KernelTable::axpy,
               AxpyArgs{.n = full.numel(),
                        .alpha = alpha,
                        .x = full.raw(),
                        .y = slot.raw(),
                        .beta = slot.beta});
  }
  ReduceArgs args{};
  args.op = ReduceOp::sum;
  args.rank = dims.rank();
  for (int axis = 0; axis < dims.rank(); ++axis) {
    const int at = axis - (dims.rank() - own.rank());
    args.dims[axis] = dims[axis];
    args.reduced[axis] = dims[axis] != (at < 0 ? 1 : own[at]);
  }
  args.x = full.raw();
  args.y = slot.raw();
  args.alpha = alpha;
  args.beta = slot.beta;
  run(op, full, &KernelTable::reduce, args);
}

}  // namespace mien
