#pragma once

#include "mien/random.h"
#include "mien/tensor.h"

namespace mien {

/// Options of batch_norm(). What follows the normalization in networks may be asked for here: it
/// then takes no pass over memory of its own, and gives what the ops of these names give one after
/// the other, in this order.
struct BatchNormOptions {
  double epsilon = 1e-3;     // added to the variance, as in Keras
  Tensor mean{};             // [C]: used in place of the batch's own, as constants: inference
  Tensor variance{};         // [C]
  Tensor moving_mean{};      // [C]: moved in place towards the batch's own, where there are such:
  Tensor moving_variance{};  // moving = momentum moving + (1 - momentum) batch
  double momentum = 0.99;
  Tensor residual{};  // of x's shape: is added
  bool relu = false;
  bool max_pool = false;        // 2x2 places, stride 2: x must be [N, H, W, C]
  double dropout = 0.0;         // rate; draws like the op
  Generator* random = nullptr;  // for the dropout
};

/// What batch_norm() gives.
struct BatchNormResult {
  Tensor y{};         // of x's shape, or [N, H / 2, W / 2, C] with max_pool
  Tensor mean{};      // [C]: of the batch, or the given one; without gradient
  Tensor variance{};  // [C]: likewise; the batch's is biased (divided by the number of rows)
};

/// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta. x: [..., C]; gamma, beta: [C] or
/// undefined (1 and 0). Ioffe and Szegedy, 2015. The gradient goes through the batch's statistics;
/// given ones are constants. Sums are made in an order that the shape alone fixes. Throws
/// ShapeError where shapes do not fit, ValueError where only one of two statistics is given, for a
/// dropout outside [0, 1) or without generator.
///
/// ```cpp
/// const Tensor x = Tensor::ones({8, 4, 4, 3}), gamma = Tensor::ones({3}), beta;
/// const BatchNormResult batch = batch_norm(x, gamma, beta);  // training
/// const BatchNormOptions fixed{.mean = batch.mean, .variance = batch.variance};
/// const Tensor y = batch_norm(x, gamma, beta, fixed).y;  // inference
/// const Tensor half = batch_norm(x, gamma, beta, {.relu = true, .max_pool = true}).y;
/// ```
[[nodiscard]] BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                         const BatchNormOptions& options = {});

}  // namespace mien
