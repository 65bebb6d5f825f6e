#pragma once

#include <string>

#include "mien/nn/module.h"
#include "mien/ops/axes.h"
#include "mien/ops/batch_norm.h"

namespace mien::nn {

/// Options of BatchNormalization; the order is Keras's.
struct BatchNormalizationOptions {
  int axis = -1;           // the channels; a positive one counts the batch
  double momentum = 0.99;  // of the moving statistics: the weight of their old values
  double epsilon = 1e-3;   // added to the variance
  bool center = true;      // with beta
  bool scale = true;       // with gamma
  Initializer beta_initializer = zeros();
  Initializer gamma_initializer = ones();
  Regularizer beta_regularizer{};
  Regularizer gamma_regularizer{};
  std::string name{};
};

/// Normalizes each channel, of the last axis where no other is given: in training by the batch's
/// mean and variance, which also move the moving ones; else, and where frozen, by the moving ones
/// (Ioffe and Szegedy, 2015). [N, .., C] -> the same. Keras 3's semantics: the moving variance
/// takes the biased one. Weights: gamma, beta [C]; moving_mean, moving_variance [C]. Throws
/// ValueError for an option out of its range, ShapeError where x does not fit.
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
  /// Whether the channels are the last axis of what it was built for.
  bool channels_last() const { return channels_last_; }

 private:
  BatchNormalizationOptions options_;
  int axis_ = -1;  // with the batch
  bool channels_last_ = true;
  Tensor gamma_, beta_, moving_mean_, moving_variance_;
};

/// Options of LayerNormalization; the order is Keras's.
struct LayerNormalizationOptions {
  Axes axis = -1;  // what is normalized together; positive ones count the batch
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = zeros();
  Initializer gamma_initializer = ones();
  Regularizer beta_regularizer{};
  Regularizer gamma_regularizer{};
  bool rms_scaling = false;  // Keras's: x / sqrt(variance + epsilon) * gamma, without the mean
  std::string name{};
};

/// Normalizes each sample over one or several axes by its own mean and variance (Ba, Kiros and
/// Hinton, 2016). Keras's LayerNormalization. Weights: gamma, beta of the sizes of the axes. Throws
/// ShapeError where x does not fit.
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
  Axes axes_;  // with the batch, sorted
  Tensor gamma_, beta_;
};

/// Options of RMSNormalization; the order is Keras's.
struct RMSNormalizationOptions {
  Axes axis = -1;  // positive ones count the batch
  double epsilon = 1e-6;
  std::string name{};
};

/// x / sqrt(mean of x^2 + epsilon) * scale, over one or several axes of each sample (Zhang and
/// Sennrich, 2019). Keras's RMSNormalization. Weight: scale of the sizes of the axes. Throws
/// ShapeError where x does not fit.
class RMSNormalization : public Layer {
 public:
  explicit RMSNormalization(RMSNormalizationOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RMSNormalization"; }
  Config config() const override;

 private:
  RMSNormalizationOptions options_;
  Axes axes_;
  Tensor scale_;
};

/// Options of GroupNormalization; the order is Keras's.
struct GroupNormalizationOptions {
  int axis = -1;  // the channels; a positive one counts the batch
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = zeros();
  Initializer gamma_initializer = ones();
  Regularizer beta_regularizer{};
  Regularizer gamma_regularizer{};
  std::string name{};
};

/// Normalizes each group of channels of a sample, over all of its places, by its own mean and
/// variance (Wu and He, 2018); groups -1: each channel by itself. Keras's GroupNormalization.
/// Weights: gamma, beta [C]. Throws ValueError for groups below 1, ShapeError where they do not
/// divide the channels.
/// ```cpp
/// nn::Sequential model{nn::Conv2D(64, {3, 3}), nn::GroupNormalization(8)};
/// ```
class GroupNormalization : public Layer {
 public:
  explicit GroupNormalization(int groups = 32, GroupNormalizationOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GroupNormalization"; }
  Config config() const override;

 private:
  int groups_;
  GroupNormalizationOptions options_;
  int axis_ = 0;  // with the batch; 0 where not built
  Tensor gamma_, beta_;
};

/// x over its Euclidean norm along one or several axes; positive ones count the batch. Keras's
/// UnitNormalization.
class UnitNormalization : public Layer {
 public:
  explicit UnitNormalization(Axes axis = -1, std::string name = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "UnitNormalization"; }
  Config config() const override;

 private:
  Axes axis_;
};

}  // namespace mien::nn
