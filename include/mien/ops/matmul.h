#pragma once

#include "mien/tensor.h"

// Matrix products. For instance a layer of three units on two samples of four features:
//
// ```cpp
// Tensor x = Tensor::ones({2, 4}), weight = Tensor::ones({4, 3}), bias = Tensor::zeros({3});
// Tensor y = dense(x, weight, bias);                  // [2, 3], all 4
// Tensor gram = matmul(x, x, {.transpose_b = true});  // [2, 2]
// ```

namespace mien {

/// Which operands of matmul() are transposed in their last two axes. No copy is made.
struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

/// Matrix product over the last two axes: [..., m, k] x [..., k, n] -> [..., m, n].
/// The leading axes are equal on both sides, or one side has none (or only ones): that matrix then
/// serves every one of the other side.
/// Throws ShapeError for an operand of rank below 2, where k differs, and for other leading axes;
/// DTypeError unless both are f32 or both f64.
[[nodiscard]] Tensor matmul(const Tensor& a, const Tensor& b, const MatmulOptions& options = {});

/// Keras's Dense without its activation: x [..., in] x weight [in, units] + bias [units] ->
/// [..., units]; an undefined bias is left out.
/// Throws ShapeError where x has no axis or the sizes do not fit; DTypeError unless all are f32 or
/// all f64.
[[nodiscard]] Tensor dense(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace mien
