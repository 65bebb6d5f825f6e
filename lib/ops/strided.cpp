#include "lib/ops/strided.h"

#include <algorithm>

#include "lib/core/kernels_for.h"

namespace mien {
namespace {

std::byte* at(const Tensor& x, std::int64_t offset) {
  return static_cast<std::byte*>(x.raw()) + offset * std::int64_t(size_of(x.dtype()));
}

std::int64_t elements(const StridedMap& map) {
  std::int64_t n = 1;
  for (int axis = 0; axis < map.rank; ++axis) n *= map.dims[axis];
  return n;
}

}  // namespace

void strides_of(const Shape& shape, std::int64_t* strides) {
  std::int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
}

void copy_box(const char* op, const StridedMap& map, const Tensor& x, const Tensor& y) {
  if (elements(map) == 0) return;
  CopyArgs args{};
  args.rank = map.rank;
  std::copy_n(map.dims, map.rank, args.dims);
  std::copy_n(map.x_strides, map.rank, args.x_strides);
  std::copy_n(map.y_strides, map.rank, args.y_strides);
  args.x = at(x, map.x_offset);
  args.y = at(y, map.y_offset);
  run(op, x, &KernelTable::copy, args);
}

void copy_box_grad(const char* op, const StridedMap& map, GradOut& dx, int input,
                   const Tensor& dy) {
  if (!dx.wants(input)) return;
  const GradSlot slot = dx.into(input);
  const Tensor& grad = slot.grad;
  if (slot.beta == 0 && elements(map) < grad.numel())
    device_api(grad.device()).zero(grad.raw(), grad.bytes(), stream_of(grad));
  if (elements(map) == 0) return;
  CopyArgs args{};
  args.rank = map.rank;
  std::copy_n(map.dims, map.rank, args.dims);
  std::copy_n(map.y_strides, map.rank, args.x_strides);
  std::copy_n(map.x_strides, map.rank, args.y_strides);
  args.x = at(dy, map.y_offset);
  args.y = at(grad, map.x_offset);
  args.beta = slot.beta;
  run(op, grad, &KernelTable::copy, args);
}

}  // namespace mien
