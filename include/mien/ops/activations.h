#pragma once

#include "mien/base/act.h"
#include "mien/tensor.h"

// Activations, element by element except for the softmaxes. f32 and f64; other dtypes throw
// DTypeError. Defaults are Keras's; derivatives at kinks are PyTorch's.
//
// ```cpp
// Tensor x = Tensor::from({-1, 0, 2}, {3});
// Tensor positive = relu(x);  // 0, 0, 2
// Tensor p = softmax(x);      // 0.0420, 0.1142, 0.8438
// ```

namespace mien {

/// max(x, 0); gradient 0 at 0. NaN stays.
[[nodiscard]] Tensor relu(const Tensor& x);
/// x, or slope * x below 0; gradient slope at 0. Throws ValueError for a negative slope.
[[nodiscard]] Tensor leaky_relu(const Tensor& x, double slope = 0.2);
/// x, or alpha (e^x - 1) below 0. Throws ValueError for a negative alpha.
[[nodiscard]] Tensor elu(const Tensor& x, double alpha = 1.0);
/// elu with the constants of "Self-Normalizing Neural Networks" (Klambauer et al., 2017).
[[nodiscard]] Tensor selu(const Tensor& x);

/// How gelu() computes.
struct GeluOptions {
  bool approximate = false;  // by tanh, as in the paper's appendix
};
/// x times the normal distribution function of x ("Gaussian Error Linear Units", Hendrycks and
/// Gimpel, 2016).
[[nodiscard]] Tensor gelu(const Tensor& x, const GeluOptions& options = {});
/// x sigmoid(x), also called swish.
[[nodiscard]] Tensor silu(const Tensor& x);
/// 1 / (1 + e^-x).
[[nodiscard]] Tensor sigmoid(const Tensor& x);
/// clip((x + 3) / 6, 0, 1), as in Keras 3; gradient 0 at -3 and 3.
[[nodiscard]] Tensor hard_sigmoid(const Tensor& x);
/// Hyperbolic tangent.
[[nodiscard]] Tensor tanh(const Tensor& x);
/// log(1 + e^x), without overflow for large x.
[[nodiscard]] Tensor softplus(const Tensor& x);

/// e^x over its sum along an axis (negative: from the end). Throws ShapeError where x is a scalar
/// or has no such axis.
[[nodiscard]] Tensor softmax(const Tensor& x, int axis = -1);
/// log(softmax(x)), without its underflow.
[[nodiscard]] Tensor log_softmax(const Tensor& x, int axis = -1);

/// The activation with Keras's defaults; softmax is over the last axis, none gives x itself.
[[nodiscard]] Tensor activation(const Tensor& x, Act act);

}  // namespace mien
