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
/// clip(0.2 x + 0.5, 0, 1), as in Keras 2; gradient 0 at the bounds.
[[nodiscard]] Tensor hard_sigmoid_2(const Tensor& x);
/// Hyperbolic tangent.
[[nodiscard]] Tensor tanh(const Tensor& x);
/// log(1 + e^x), without overflow for large x.
[[nodiscard]] Tensor softplus(const Tensor& x);

/// e^x over its sum along an axis (negative: from the end). Throws ShapeError where x is a scalar
/// or has no such axis.
[[nodiscard]] Tensor softmax(const Tensor& x, int axis = -1);
/// log(softmax(x)), without its underflow.
[[nodiscard]] Tensor log_softmax(const Tensor& x, int axis = -1);

/// x kept within [0, 6].
[[nodiscard]] Tensor relu6(const Tensor& x);
/// x, or alpha (e^(x / alpha) - 1) below 0. Throws ValueError unless alpha is above 0.
[[nodiscard]] Tensor celu(const Tensor& x, double alpha = 1.0);
/// x tanh(softplus(x)) ("Mish", Misra, 2019).
[[nodiscard]] Tensor mish(const Tensor& x);
/// x hard_sigmoid(x), also called hard_swish.
[[nodiscard]] Tensor hard_silu(const Tensor& x);
/// x kept within [-1, 1].
[[nodiscard]] Tensor hard_tanh(const Tensor& x);
/// x / (1 + |x|).
[[nodiscard]] Tensor softsign(const Tensor& x);
/// log(sigmoid(x)), without its underflow.
[[nodiscard]] Tensor log_sigmoid(const Tensor& x);
/// x - tanh(x).
[[nodiscard]] Tensor tanh_shrink(const Tensor& x);
/// x nearer to 0 by threshold, 0 between -threshold and threshold. Throws ValueError for a negative
/// threshold.
[[nodiscard]] Tensor soft_shrink(const Tensor& x, double threshold = 0.5);
/// x, or 0 between -threshold and threshold.
[[nodiscard]] Tensor hard_shrink(const Tensor& x, double threshold = 0.5);
/// (x + sqrt(x^2 + b)) / 2. Throws ValueError for a negative b.
[[nodiscard]] Tensor squareplus(const Tensor& x, double b = 4.0);
/// 0 below -1, (x + 1)^2 / 4 below 1, x from there on.
[[nodiscard]] Tensor sparse_plus(const Tensor& x);
/// clip((x + 1) / 2, 0, 1).
[[nodiscard]] Tensor sparse_sigmoid(const Tensor& x);
/// The nearest probabilities to x along the last axis: max(x - t, 0) with the t that makes their
/// sum 1 (Martins and Astudillo, 2016). Compares each with each: meant for few classes. Throws
/// ShapeError where x is a scalar.
[[nodiscard]] Tensor sparsemax(const Tensor& x);
/// The first half of an axis times sigmoid of the second (Dauphin et al., 2017). Throws ShapeError
/// where the axis is of odd size.
[[nodiscard]] Tensor glu(const Tensor& x, int axis = -1);

/// The activation with Keras's defaults; softmax is over the last axis, none gives x itself.
[[nodiscard]] Tensor activation(const Tensor& x, Act act);

}  // namespace mien
