#pragma once

#include "mien/tensor.h"

namespace mien {

/// Options of batch_norm().
struct BatchNormOptions {
  double epsilon = 1e-3;  // added to the variance, as in Keras
  Tensor mean{};          // [C]: used in place of the batch's own, as constants: inference
  Tensor variance{};      // [C]
};

/// What batch_norm() gives.
struct BatchNormResult {
  Tensor y{};         // of x's shape
  Tensor mean{};      // [C]: of the batch, or the given one; without gradient
  Tensor variance{};  // [C]: likewise; the batch's is biased (divided by the number of rows)
};

/// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta. x: [..., C]; gamma, beta: [C] or
/// undefined (1 and 0). Ioffe and Szegedy, 2015. The gradient goes through the batch's statistics;
/// given ones are constants. Sums are made in an order that the shape alone fixes. Throws
/// ShapeError where shapes do not fit, ValueError where only one of mean and variance is given.
///
/// ```cpp
/// const Tensor x = Tensor::ones({8, 4, 4, 3}), gamma = Tensor::ones({3}), beta;
/// const BatchNormResult batch = batch_norm(x, gamma, beta);  // training
/// const BatchNormOptions fixed{.mean = batch.mean, .variance = batch.variance};
/// const Tensor y = batch_norm(x, gamma, beta, fixed).y;  // inference
/// ```
[[nodiscard]] BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                         const BatchNormOptions& options = {});

}  // namespace mien
