#pragma once

#include "mien/tensor.h"

// Arithmetic element by element, f32 and f64. Two tensors broadcast by NumPy's rule: shapes are
// compared from the last axis, and an axis of size 1 repeats.
//
// ```cpp
// Tensor x = Tensor::from({1, 2, 3, 4}, {2, 2}).requires_grad();
// Tensor y = 2 * exp(-x) + Tensor::from({1, 10}, {2});  // [2, 2]
// Tensor positive = where(greater(x, 0), x, 0);
// ```
//
// All functions throw ShapeError where the shapes do not broadcast, DTypeError where two inputs
// differ in dtype or it is none that computes, and DeviceError where they lie on two devices.
// Derivatives at kinks are PyTorch's.

namespace mien {

/// a + b.
[[nodiscard]] Tensor add(const Tensor& a, const Tensor& b);
/// a - b.
[[nodiscard]] Tensor sub(const Tensor& a, const Tensor& b);
/// a * b, element by element.
[[nodiscard]] Tensor mul(const Tensor& a, const Tensor& b);
/// a / b; IEEE infinities and NaN where b is 0.
[[nodiscard]] Tensor div(const Tensor& a, const Tensor& b);
/// a to the power b. The gradient to a is 0 where b is 0; the one to b is 0 where a is 0 and b >=
/// 0.
[[nodiscard]] Tensor pow(const Tensor& a, const Tensor& b);
/// The smaller one; NaN where either is. Equal elements share the gradient half and half.
[[nodiscard]] Tensor minimum(const Tensor& a, const Tensor& b);
/// The larger one; NaN where either is. Equal elements share the gradient half and half.
[[nodiscard]] Tensor maximum(const Tensor& a, const Tensor& b);

/// scale * x + shift.
[[nodiscard]] Tensor scale_shift(const Tensor& x, double scale, double shift);
/// x to the power exponent; gradient 0 where exponent is 0.
[[nodiscard]] Tensor pow(const Tensor& x, double exponent);

/// -x.
[[nodiscard]] Tensor neg(const Tensor& x);
/// e to the power x.
[[nodiscard]] Tensor exp(const Tensor& x);
/// Natural logarithm; -inf at 0, NaN below.
[[nodiscard]] Tensor log(const Tensor& x);
/// Square root; NaN below 0, gradient inf at 0.
[[nodiscard]] Tensor sqrt(const Tensor& x);
/// x * x.
[[nodiscard]] Tensor square(const Tensor& x);
/// |x|; gradient 0 at 0.
[[nodiscard]] Tensor abs(const Tensor& x);
/// -1, 0 or 1; gradient 0.
[[nodiscard]] Tensor sign(const Tensor& x);
/// 1 / x.
[[nodiscard]] Tensor reciprocal(const Tensor& x);
/// x kept within [low, high]; NaN stays. Gradient 0 at the bounds, as in PyTorch 2.15.
/// Throws ValueError unless low <= high.
[[nodiscard]] Tensor clip(const Tensor& x, double low, double high);

/// The operators of arithmetic, between tensors and with a number on either side.
[[nodiscard]] inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
[[nodiscard]] inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
[[nodiscard]] inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
[[nodiscard]] inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
[[nodiscard]] inline Tensor operator-(const Tensor& x) { return neg(x); }
[[nodiscard]] inline Tensor operator+(const Tensor& x, double v) { return scale_shift(x, 1, v); }
[[nodiscard]] inline Tensor operator+(double v, const Tensor& x) { return scale_shift(x, 1, v); }
[[nodiscard]] inline Tensor operator-(const Tensor& x, double v) { return scale_shift(x, 1, -v); }
[[nodiscard]] inline Tensor operator-(double v, const Tensor& x) { return scale_shift(x, -1, v); }
[[nodiscard]] inline Tensor operator*(const Tensor& x, double v) { return scale_shift(x, v, 0); }
[[nodiscard]] inline Tensor operator*(double v, const Tensor& x) { return scale_shift(x, v, 0); }
[[nodiscard]] inline Tensor operator/(const Tensor& x, double v) {
  return scale_shift(x, 1 / v, 0);
}
[[nodiscard]] inline Tensor operator/(double v, const Tensor& x) { return reciprocal(x) * v; }

/// Comparisons: 1 where it holds, else 0, as u8. Also of i32 and u8 tensors. Without gradient.
[[nodiscard]] Tensor equal(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor not_equal(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor less(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor less_equal(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor greater(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor greater_equal(const Tensor& a, const Tensor& b);

/// Comparisons with one number, converted to a's dtype.
[[nodiscard]] Tensor equal(const Tensor& a, double b);
[[nodiscard]] Tensor not_equal(const Tensor& a, double b);
[[nodiscard]] Tensor less(const Tensor& a, double b);
[[nodiscard]] Tensor less_equal(const Tensor& a, double b);
[[nodiscard]] Tensor greater(const Tensor& a, double b);
[[nodiscard]] Tensor greater_equal(const Tensor& a, double b);

/// a where condition (u8) is not 0, else b. All three broadcast. Throws DTypeError where condition
/// is not u8.
[[nodiscard]] Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
/// where() with a number for one of them.
[[nodiscard]] Tensor where(const Tensor& condition, const Tensor& a, double b);
[[nodiscard]] Tensor where(const Tensor& condition, double a, const Tensor& b);

}  // namespace mien
