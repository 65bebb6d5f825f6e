#pragma once

#include "mien/nn/module.h"
#include "mien/ops/axes.h"

// Axes of Keras's options, where a positive one counts the batch.

namespace mien::nn {

/// These axes for samples of a shape, counted with the batch and sorted. Throws ShapeError
/// "LayerNormalization: axis 4 is out of range for samples of [5, 6, 3]"; the batch, axis 0, is out
/// of range as well.
Axes sample_axes(const Module& layer, const Axes& axes, const Shape& in);
/// The sizes of such axes.
Shape sizes_of(const Axes& axes, const Shape& in);
/// The shape with which a weight of these sizes is spread over samples of that rank: 1 elsewhere.
Shape spread_shape(const Axes& axes, const Shape& sizes, int rank);
/// With that axis (counted with the batch) as the last one, and back again.
Tensor with_axis_last(const Tensor& x, int axis);
Tensor with_axis_back(const Tensor& x, int axis);

/// f(x), for bf16 in f32 and back: for layers whose ops do not mix the two.
template <class F>
Tensor in_f32(const Tensor& x, F f) {
  return x.dtype() == DType::bf16 ? f(x.to(DType::f32)).to(DType::bf16) : f(x);
}

}  // namespace mien::nn
