#pragma once

#include <string>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

// Layers that disturb their input in training and pass it on in inference.
//
// ```cpp
// nn::Sequential model{nn::GaussianNoise(0.1), nn::Conv2D(8, {3, 3}), nn::SpatialDropout2D(0.2)};
// ```

namespace mien::nn {

/// In training x + normal noise. Keras's GaussianNoise. Throws ValueError for a negative stddev,
/// DeviceError in training on a device.
class GaussianNoise : public Layer {
 public:
  explicit GaussianNoise(double stddev, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GaussianNoise"; }
  Config config() const override;

 private:
  double stddev_;
};

/// In training x times normal noise of mean 1 and variance rate / (1 - rate), as dropout has.
/// Keras's GaussianDropout. Throws ValueError unless 0 <= rate < 1, DeviceError in training on a
/// device.
class GaussianDropout : public Layer {
 public:
  explicit GaussianDropout(double rate, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GaussianDropout"; }
  Config config() const override;

 private:
  double rate_;
};

/// Dropout that keeps the mean and variance of what selu gives: in training elements become selu's
/// lowest value with probability rate, then all are scaled and shifted (Klambauer et al., 2017).
/// Keras's AlphaDropout. Throws ValueError unless 0 <= rate < 1.
class AlphaDropout : public Layer {
 public:
  explicit AlphaDropout(double rate, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "AlphaDropout"; }
  Config config() const override;

 private:
  double rate_;
};

/// Dropout of whole channels of sequences [N, L, C]. Keras's SpatialDropout1D. Throws ValueError
/// unless 0 <= rate < 1, ShapeError for another rank.
class SpatialDropout1D : public Layer {
 public:
  explicit SpatialDropout1D(double rate, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "SpatialDropout1D"; }
  Config config() const override;

 private:
  double rate_;
};

/// Dropout of whole channels of images [N, H, W, C]. Keras's SpatialDropout2D. Throws as
/// SpatialDropout1D.
class SpatialDropout2D : public Layer {
 public:
  explicit SpatialDropout2D(double rate, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "SpatialDropout2D"; }
  Config config() const override;

 private:
  double rate_;
};

/// Options of ActivityRegularization.
struct ActivityRegularizationOptions {
  double l1 = 0.0;
  double l2 = 0.0;
  std::string name{};
};

/// The input itself. Keras's ActivityRegularization, whose penalty on activations mien lacks:
/// training with one throws ValueError.
class ActivityRegularization : public Layer {
 public:
  explicit ActivityRegularization(ActivityRegularizationOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "ActivityRegularization"; }
  Config config() const override;

 private:
  ActivityRegularizationOptions options_;
};

}  // namespace mien::nn
