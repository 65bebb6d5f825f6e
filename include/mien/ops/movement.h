#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>

#include "mien/base/few.h"
#include "mien/ops/axes.h"
#include "mien/tensor.h"

// Ops that move elements and compute nothing. They work for every dtype; gradients flow through f32
// and f64. An axis may be negative: it then counts from the end.
//
// ```cpp
// Tensor x = Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3});
// Tensor turned = transpose(x);              // [3, 2]
// Tensor right = slice(x, 1, {.begin = 1});  // [[2, 3], [5, 6]]
// Tensor twice = concatenate({x, x}, 0);     // [4, 3]
// Tensor wide = pad(x, {{0, 0}, {1, 1}});    // [2, 5], a column of zeros on either side
// ```

namespace mien {

/// The same elements under another shape, sharing bytes; one size may be -1. Throws ShapeError
/// where the number of elements differs.
[[nodiscard]] Tensor reshape(const Tensor& x, std::span<const std::int64_t> shape);
[[nodiscard]] Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> shape);
/// With a new axis of size 1 at that place of the result. Shares bytes.
[[nodiscard]] Tensor expand_dims(const Tensor& x, int axis);
/// Without these axes, or without all of size 1 where none are given. Shares bytes. Throws
/// ShapeError where one of them is of another size.
[[nodiscard]] Tensor squeeze(const Tensor& x, const Axes& axes = {});

/// Axis i of the result is axis order[i] of x; reversed where no order is given. Copies. Throws
/// ShapeError where order is no permutation.
[[nodiscard]] Tensor transpose(const Tensor& x, const Axes& order = {});
/// The elements of these axes in reverse order; of all where none are given.
[[nodiscard]] Tensor flip(const Tensor& x, const Axes& axes = {});
/// Repeated to that shape by NumPy's rule. Throws ShapeError where x does not broadcast to it.
[[nodiscard]] Tensor broadcast_to(const Tensor& x, const Shape& shape);

/// Which places of an axis slice() takes: begin, begin + step, ... below end. Negative begin and
/// end count from the end of the axis.
struct SliceRange {
  std::int64_t begin = 0;
  std::int64_t end = std::numeric_limits<std::int64_t>::max();  // to the end of the axis
  std::int64_t step = 1;                                        // at least 1
};
/// Part of one axis. Along the first axis with step 1 it shares bytes, otherwise it copies. Throws
/// ShapeError where the range is not inside the axis, ValueError for a step below 1.
[[nodiscard]] Tensor slice(const Tensor& x, int axis, const SliceRange& range);

/// How many places pad() adds before and after an axis.
struct PadSize {
  std::int64_t before = 0, after = 0;
};
/// Surrounded by a value; one PadSize for each axis. Throws ShapeError for another number of them,
/// ValueError for a negative size.
[[nodiscard]] Tensor pad(const Tensor& x, const Few<PadSize, 6>& sizes, double value = 0.0);

/// The tensors one after the other along an axis; the other axes agree. Throws ShapeError,
/// DTypeError or DeviceError where they do not fit, ValueError where there are none.
[[nodiscard]] Tensor concatenate(std::span<const Tensor> parts, int axis = -1);
[[nodiscard]] Tensor concatenate(std::initializer_list<Tensor> parts, int axis = -1);
/// Tensors of one shape along a new axis, at that place of the result.
[[nodiscard]] Tensor stack(std::span<const Tensor> parts, int axis = 0);
[[nodiscard]] Tensor stack(std::initializer_list<Tensor> parts, int axis = 0);

/// Places of an axis picked by i32 indices of any shape, as numpy.take: that axis is replaced by
/// the axes of indices. An index that occurs twice gets the sum of the gradients. Throws DTypeError
/// where indices is not i32, ValueError naming an index out of range (checked on the host only).
[[nodiscard]] Tensor gather(const Tensor& x, const Tensor& indices, int axis = 0);

/// 1 at each label's place of a new last axis, 0 elsewhere: i32 of any shape -> [..., classes]. The
/// device is that of labels. Throws ValueError naming a label that is not in 0 .. classes-1
/// (checked on the host only).
[[nodiscard]] Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype = DType::f32);

}  // namespace mien
