#pragma once

#include <array>
#include <string_view>

#include "mien/base/error.h"
#include "mien/ops/axes.h"
#include "mien/tensor.h"

// What public ops require of their inputs; each names the op in its message.

namespace mien {

/// Throws DTypeError unless x is of a type that tables compute in; that this device's does is left
/// to the table.
inline void check_computes(const char* op, const Tensor& x) {
  MIEN_CHECK(computes(x.dtype()) || x.dtype() == DType::bf16, DTypeError, op, ": input must be ",
             x.device() == kCpu ? "f32 or f64" : "f32 or bf16", "; got ", x.dtype());
}

/// Throws DTypeError or DeviceError unless b is of a's kind.
inline void check_same_kind(const char* op, const Tensor& a, const Tensor& b) {
  MIEN_CHECK(a.dtype() == b.dtype(), DTypeError, op, ": inputs must be of one dtype; got ",
             a.dtype(), " and ", b.dtype());
  MIEN_CHECK(a.device() == b.device(), DeviceError, op, ": inputs must be on one device; got ",
             a.device(), " and ", b.device());
}

/// Throws DTypeError or DeviceError unless weight is what goes with an input like x: of x's kind,
/// but f32 beside bf16.
inline void check_weight(const char* op, const char* what, const Tensor& x, const Tensor& weight) {
  if (x.dtype() == DType::bf16) {
    MIEN_CHECK(weight.dtype() == DType::f32, DTypeError, op, ": ", what,
               " must be f32 for bf16 input; got ", weight.dtype());
    MIEN_CHECK(x.device() == weight.device(), DeviceError, op,
               ": inputs must be on one device; got ", x.device(), " and ", weight.device());
    return;
  }
  check_same_kind(op, x, weight);
}

/// Of weights, statistics and sums beside x: f32 beside bf16.
inline TensorOptions weight_options(const Tensor& x) {
  return {.dtype = x.dtype() == DType::bf16 ? DType::f32 : x.dtype(), .device = x.device()};
}

/// The weight as products with x read it: rounded to bf16 beside bf16, once for the forward pass
/// and the gradient of x. Not recorded: the weight's own gradient is an f32 sum.
inline Tensor factor_of(const Tensor& x, const Tensor& weight) {
  return x.dtype() == DType::bf16 ? weight.detach().to(DType::bf16) : weight;
}

/// Throws DTypeError unless x is of the given dtype.
inline void check_dtype(const char* op, std::string_view what, const Tensor& x, DType wanted) {
  MIEN_CHECK(x.dtype() == wanted, DTypeError, op, ": ", what, " must be ", wanted, "; got ",
             x.dtype());
}

/// Throws ShapeError unless x has that rank; layout says what its axes are, such as "[N, H, W, C]".
inline void check_rank(const char* op, const Tensor& x, int rank, std::string_view layout) {
  MIEN_CHECK(x.rank() == rank, ShapeError, op, ": input must be ", layout, "; got ", x.shape());
}

/// The non-negative position of an axis of x. Throws ShapeError naming op where it has none.
inline int check_axis(const char* op, const Tensor& x, int axis) {
  MIEN_CHECK(-x.rank() <= axis && axis < x.rank(), ShapeError, op, ": axis ", axis,
             " is out of range for shape ", x.shape());
  return axis < 0 ? axis + x.rank() : axis;
}

/// Which axes of x are listed. Throws ShapeError for one out of range or given twice.
inline std::array<bool, Shape::kMaxRank> mark_axes(const char* op, const Tensor& x,
                                                   const Axes& axes) {
  std::array<bool, Shape::kMaxRank> marks{};
  for (const int axis : axes) {
    bool& mark = marks[std::size_t(check_axis(op, x, axis))];
    MIEN_CHECK(!mark, ShapeError, op, ": axis ", axis, " is given twice for shape ", x.shape());
    mark = true;
  }
  return marks;
}

}  // namespace mien
