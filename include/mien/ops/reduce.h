#pragma once

#include "mien/ops/axes.h"
#include "mien/tensor.h"

// Reductions over axes; all of them where none are given. f32 and f64; sums run in double, in an
// order that the shape alone fixes, so that any number of threads gives the same bits.
//
// ```cpp
// Tensor x = Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3});
// Tensor all = sum(x);                                // 21, a scalar
// Tensor columns = mean(x, 0);                        // [2.5, 3.5, 4.5]
// Tensor largest = max(x, {-1}, {.keepdims = true});  // [[3], [6]]
// ```
//
// All functions throw ShapeError for an axis that x lacks or that is given twice, and DTypeError
// for a dtype that does not compute.

namespace mien {

/// Options of the reductions.
struct ReduceOptions {
  bool keepdims = false;  // keep reduced axes, with size 1
};

/// Sum; 0 over no elements.
[[nodiscard]] Tensor sum(const Tensor& x, const Axes& axes = {}, const ReduceOptions& options = {});
/// Mean; NaN over no elements.
[[nodiscard]] Tensor mean(const Tensor& x, const Axes& axes = {},
                          const ReduceOptions& options = {});
/// Largest element; NaN where one is. Equal ones share the gradient evenly, as in PyTorch's amax.
/// Throws ShapeError where there are no elements to choose from.
[[nodiscard]] Tensor max(const Tensor& x, const Axes& axes = {}, const ReduceOptions& options = {});
/// Smallest element; NaN where one is. Equal ones share the gradient evenly, as in PyTorch's amin.
/// Throws ShapeError where there are no elements to choose from.
[[nodiscard]] Tensor min(const Tensor& x, const Axes& axes = {}, const ReduceOptions& options = {});

/// Options of var().
struct VarOptions {
  bool keepdims = false;
  int ddof = 0;  // the divisor is n - ddof: 0 as NumPy and Keras, 1 for the unbiased estimate
};
/// Variance. Throws ValueError unless 0 <= ddof < number of elements reduced.
[[nodiscard]] Tensor var(const Tensor& x, const Axes& axes = {}, const VarOptions& options = {});

/// Position of the largest element along an axis as i32, the first of equal ones; a NaN counts as
/// the largest. That axis goes. Throws ShapeError where it is of size 0. Without gradient.
[[nodiscard]] Tensor argmax(const Tensor& x, int axis = -1);

}  // namespace mien
