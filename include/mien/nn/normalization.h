#pragma once

#include <string>

#include "mien/nn/module.h"
#include "mien/ops/batch_norm.h"

namespace mien::nn {

/// Options of BatchNormalization; the order is Keras's.
struct BatchNormalizationOptions {
  int axis = -1;  // the channels; only the last axis, which may also be counted from the batch
  double momentum = 0.99;  // of the moving statistics: the weight of their old values
  double epsilon = 1e-3;   // added to the variance
  bool center = true;      // with beta
  bool scale = true;       // with gamma
  std::string name{};
};

/// Normalizes each channel (the last axis): in training by the batch's mean and variance, which
/// also move the moving ones; else, and where frozen, by the moving ones (Ioffe and Szegedy, 2015).
/// [N, .., C] -> the same. Keras 3's semantics: the moving variance takes the biased one. Weights:
/// gamma, beta [C]; moving_mean, moving_variance [C]. Throws ValueError for an option out of its
/// range, ShapeError where x does not fit.
/// ```cpp
/// nn::BatchNormalization norm({.momentum = 0.9});
/// norm.build(Shape{4});
/// nn::Pass training{.training = true};
/// Tensor y = norm(Tensor::ones({8, 4}), training);  // norm(x): by the moving ones
/// ```
class BatchNormalization : public Layer {
 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override { return forward(x, pass, {}); }
  /// The same with what follows it in one pass over memory: what `after` says of residual, relu,
  /// max_pool and dropout.
  Tensor forward(const Tensor& x, Pass& pass, BatchNormOptions after) const;
  std::string_view kind() const override { return "BatchNormalization"; }
  Config config() const override;

 private:
  BatchNormalizationOptions options_;
  Tensor gamma_, beta_, moving_mean_, moving_variance_;
};

/// Options of LayerNormalization; the order is Keras's.
struct LayerNormalizationOptions {
  int axis = -1;  // only the last axis, which may also be counted from the batch
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name{};
};

/// Normalizes each sample's last axis by its own mean and variance (Ba, Kiros and Hinton, 2016).
/// [N, .., C] -> the same. Keras's LayerNormalization with axis -1. Weights: gamma, beta [C].
/// Throws ShapeError where x does not fit.
class LayerNormalization : public Layer {
 public:
  explicit LayerNormalization(LayerNormalizationOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "LayerNormalization"; }
  Config config() const override;

 private:
  LayerNormalizationOptions options_;
  Tensor gamma_, beta_;
};

}  // namespace mien::nn
