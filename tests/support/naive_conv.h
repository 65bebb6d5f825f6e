#pragma once

#include "mien/tensor.h"

namespace mien {

/// Convolution by its definition, in double, for the tests and benchmarks of the real one.
struct NaiveConv {
  int stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1, top = 0, left = 0, groups = 1;

  /// x [N, H, W, C] * w [KH, KW, C / groups, OC] into a tensor of y's shape (f64).
  Tensor forward(const Tensor& x, const Tensor& w, const Shape& y) const;
  Tensor grad_x(const Tensor& dy, const Tensor& w, const Shape& x) const;
  Tensor grad_w(const Tensor& x, const Tensor& dy, const Shape& w) const;
};

}  // namespace mien
