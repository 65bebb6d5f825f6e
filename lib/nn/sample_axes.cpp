#include "lib/nn/sample_axes.h"

#include <algorithm>

#include "mien/base/error.h"
#include "mien/ops/movement.h"

namespace mien::nn {

Axes sample_axes(const Module& layer, const Axes& axes, const Shape& in) {
  const int rank = in.rank() + 1;
  Axes found;
  for (const int axis : axes) {
    const int at = axis < 0 ? axis + rank : axis;
    MIEN_CHECK(at >= 1 && at < rank, ShapeError, layer.kind(), ": axis ", axis,
               " is out of range for samples of ", in);
    MIEN_CHECK(std::count(found.begin(), found.end(), at) == 0, ValueError, layer.kind(), ": axis ",
               axis, " is given twice");
    found.push_back(at);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Shape sizes_of(const Axes& axes, const Shape& in) {
  Shape sizes;
  for (const int axis : axes) sizes.push_back(in[axis - 1]);
  return sizes;
}

Shape spread_shape(const Axes& axes, const Shape& sizes, int rank) {
  Shape spread;
  for (int i = 0; i < rank; ++i) spread.push_back(1);
  for (std::size_t i = 0; i < axes.size(); ++i) spread[axes[i]] = sizes[int(i)];
  return spread;
}

Tensor with_axis_last(const Tensor& x, int axis) {
  Axes order;
  for (int i = 0; i < x.rank(); ++i)
    if (i != axis) order.push_back(i);
  order.push_back(axis);
  return transpose(x, order);
}

Tensor with_axis_back(const Tensor& x, int axis) {
  Axes order;
  for (int i = 0; i < x.rank(); ++i) {
    if (i == axis) order.push_back(x.rank() - 1);
    if (i + 1 < x.rank()) order.push_back(i);
  }
  if (axis == x.rank() - 1) return x;
  return transpose(x, order);
}

}  // namespace mien::nn
