#include "mien/ops/movement.h"

#include <algorithm>

#include "lib/core/kernels_for.h"
#include "lib/ops/broadcasting.h"
#include "lib/ops/checks.h"
#include "lib/ops/strided.h"
#include "mien/autograd.h"

namespace mien {
namespace {

struct BoxGrad {
  static constexpr const char* name = "movement";
  StridedMap map;
  void backward(const GradIn& dy, GradOut& dx) { copy_box_grad(name, map, dx, 0, dy[0]); }
};

struct BroadcastGrad {
  static constexpr const char* name = "broadcast_to";
  void backward(const GradIn& dy, GradOut& dx) {
    if (dx.wants(0)) sum_into(name, dx.into(0), dy[0]);
  }
};

// A map over all of a tensor of that shape on both sides.
StridedMap whole(const Shape& shape) {
  StridedMap map;
  map.rank = shape.rank();
  std::copy(shape.begin(), shape.end(), map.dims);
  strides_of(shape, map.x_strides);
  strides_of(shape, map.y_strides);
  return map;
}

Tensor moved(const char* op, const Tensor& x, Tensor y, const StridedMap& map) {
  copy_box(op, map, x, y);
  return attach(y, {x}, BoxGrad{map});
}

// NumPy's rule, one way.
bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int axis = 1; axis <= from.rank(); ++axis)
    if (from[-axis] != 1 && from[-axis] != to[-axis]) return false;
  return true;
}

}  // namespace

Tensor reshape(const Tensor& x, std::span<const std::int64_t> shape) {
  Shape wanted;
  int open = -1;
  for (const std::int64_t size : shape) {
    MIEN_CHECK(size >= -1 && (size >= 0 || open < 0), ShapeError,
               "reshape: one size may be -1, the others must not be negative; got ", size);
    if (size == -1) open = wanted.rank();
    wanted.push_back(size == -1 ? 1 : size);
  }
  if (open >= 0 && wanted.numel() > 0) wanted[open] = x.numel() / wanted.numel();
  MIEN_CHECK(wanted.numel() == x.numel(), ShapeError, "reshape: ", x.shape(), " does not fit ",
             wanted);
  return x.view(wanted);
}
Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> shape) {
  return reshape(x, std::span<const std::int64_t>(shape.begin(), shape.size()));
}

Tensor expand_dims(const Tensor& x, int axis) {
  const int rank = x.rank() + 1;
  MIEN_CHECK(-rank <= axis && axis < rank, ShapeError, "expand_dims: axis ", axis,
             " has no place beside ", x.shape());
  const int at = axis < 0 ? axis + rank : axis;
  return x.view(join(join(x.shape().slice(0, at), {1}), x.shape().slice(at)));
}

Tensor squeeze(const Tensor& x, const Axes& axes) {
  const auto drop = mark_axes("squeeze", x, axes);
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const std::int64_t size = x.shape()[axis];
    MIEN_CHECK(!drop[std::size_t(axis)] || size == 1, ShapeError, "squeeze: axis ", axis, " of ",
               x.shape(), " is not of size 1");
    if (axes.empty() ? size != 1 : !drop[std::size_t(axis)]) shape.push_back(size);
  }
  return x.view(shape);
}

Tensor transpose(const Tensor& x, const Axes& order) {
  MIEN_CHECK(order.empty() || int(order.size()) == x.rank(), ShapeError,
             "transpose: the order must name all axes of ", x.shape(), "; got ", order.size(),
             " of them");
  mark_axes("transpose", x, order);
  std::int64_t strides[kMaxAxes];
  strides_of(x.shape(), strides);
  Shape shape;
  for (int i = 0; i < x.rank(); ++i)
    shape.push_back(x.shape()[order.empty() ? x.rank() - 1 - i : order[std::size_t(i)]]);
  StridedMap map = whole(shape);
  for (int i = 0; i < x.rank(); ++i)
    map.x_strides[i] =
        strides[order.empty() ? x.rank() - 1 - i : x.shape().at(order[std::size_t(i)])];
  return moved("transpose", x, Tensor::empty(shape, x.options()), map);
}

Tensor flip(const Tensor& x, const Axes& axes) {
  const auto turned = mark_axes("flip", x, axes);
  StridedMap map = whole(x.shape());
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!axes.empty() && !turned[std::size_t(axis)]) continue;
    map.x_offset += (map.dims[axis] - 1) * map.x_strides[axis];
    map.x_strides[axis] *= -1;
  }
  return moved("flip", x, Tensor::empty(x.shape(), x.options()), map);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  MIEN_CHECK(broadcasts_to(x.shape(), shape), ShapeError, "broadcast_to: ", x.shape(),
             " does not broadcast to ", shape);
  Tensor y = expanded("broadcast_to", x, shape);
  if (y.is(x)) return x;
  return attach(y, {x}, BroadcastGrad{});
}

Tensor slice(const Tensor& x, int axis, const SliceRange& range) {
  const int at = check_axis("slice", x, axis);
  const std::int64_t size = x.shape()[at];
  const std::int64_t begin = range.begin < 0 ? range.begin + size : range.begin;
  const bool open = range.end == SliceRange{}.end;
  const std::int64_t end = open ? size : range.end < 0 ? range.end + size : range.end;
  MIEN_CHECK(range.step >= 1, ValueError, "slice: step must be at least 1; got ", range.step);
  MIEN_CHECK(0 <= begin && begin <= end && end <= size, ShapeError, "slice: ", range.begin, " to ",
             open ? size : range.end, " is not inside axis ", axis, " of ", x.shape());
  if (at == 0 && range.step == 1) return x.slice(begin, end);
  Shape shape = x.shape();
  shape[at] = (end - begin + range.step - 1) / range.step;
  StridedMap map = whole(shape);
  strides_of(x.shape(), map.x_strides);
  map.x_offset = begin * map.x_strides[at];
  map.x_strides[at] *= range.step;
  return moved("slice", x, Tensor::empty(shape, x.options()), map);
}

Tensor pad(const Tensor& x, const Few<PadSize, 6>& sizes, double value) {
  MIEN_CHECK(int(sizes.size()) == x.rank(), ShapeError, "pad: one size for each axis of ",
             x.shape(), " is required; got ", sizes.size());
  Shape shape = x.shape();
  for (int axis = 0; axis < x.rank(); ++axis) {
    const PadSize& size = sizes[std::size_t(axis)];
    MIEN_CHECK(size.before >= 0 && size.after >= 0, ValueError,
               "pad: sizes must not be negative; got ", size.before, " and ", size.after,
               " for axis ", axis);
    shape[axis] += size.before + size.after;
  }
  StridedMap map = whole(x.shape());
  strides_of(shape, map.y_strides);
  for (int axis = 0; axis < x.rank(); ++axis)
    map.y_offset += sizes[std::size_t(axis)].before * map.y_strides[axis];
  return moved("pad", x, Tensor::full(shape, value, x.options()), map);
}

}  // namespace mien
