#pragma once

#include "mien/tensor.h"

namespace mien {

/// Options of layer_norm().
struct LayerNormOptions {
  double epsilon = 1e-3;  // added to the variance, as in Keras
};

/// Normalizes each sample's last axis by its own mean and (biased) variance, then times gamma plus
/// beta. x: [..., C]; gamma, beta: [C] or undefined (1 and 0). Ba, Kiros and Hinton, 2016. Throws
/// ShapeError where shapes do not fit.
///
/// ```cpp
/// const Tensor x = Tensor::from({1, 3}, {1, 2}), none;
/// const Tensor y = layer_norm(x, none, none, {.epsilon = 0});  // -1, 1
/// ```
[[nodiscard]] Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                const LayerNormOptions& options = {});

}  // namespace mien
