#pragma once

#include <cstdint>

#include "kernels/args.h"
#include "mien/autograd.h"
#include "mien/tensor.h"

// Ops that copy a box of elements from one tensor into a box of another: transpose, flip, slice,
// pad, concatenate.

namespace mien {

/// A box of dims elements and where each lies in x and y: offset + sum of i * stride.
struct StridedMap {
  int rank = 0;
  std::int64_t dims[kMaxAxes]{}, x_strides[kMaxAxes]{}, y_strides[kMaxAxes]{};
  std::int64_t x_offset = 0, y_offset = 0;
};

/// Row-major strides of a shape.
void strides_of(const Shape& shape, std::int64_t* strides);

/// y's box = x's box.
void copy_box(const char* op, const StridedMap& map, const Tensor& x, const Tensor& y);

/// dx's box = beta * old + dy's box, through the same map backwards. Where the box is not all of x,
/// the rest of dx is cleared (beta 0) or left (beta 1).
void copy_box_grad(const char* op, const StridedMap& map, GradOut& dx, int input, const Tensor& dy);

}  // namespace mien
