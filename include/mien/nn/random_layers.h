#pragma once

#include <array>
#include <optional>
#include <string>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"
#include "mien/nn/preprocessing.h"
#include "mien/ops/warp.h"

// Layers that change images [N, H, W, C] at random in training, each by its own draw, and pass them
// on in inference. They draw on the host: training with them on a device throws DeviceError.
//
// ```cpp
// nn::Sequential model{nn::RandomFlip(nn::FlipMode::horizontal), nn::RandomRotation(0.1),
//                      nn::Conv2D(8, {3, 3})};
// ```

namespace mien::nn {

/// The range of a draw, from one number as Keras reads it (-factor to factor), or from both ends.
struct FactorRange {
  double lower = 0.0, upper = 0.0;
  FactorRange(double factor);
  FactorRange(double one, double other);
};

/// Which ways RandomFlip flips.
enum class FlipMode { horizontal, vertical, horizontal_and_vertical };

/// Every second image mirrored, with both ways at once where the mode has both, as Keras 3's
/// RandomFlip does.
class RandomFlip : public Layer {
 public:
  explicit RandomFlip(FlipMode mode = FlipMode::horizontal_and_vertical, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomFlip"; }
  Config config() const override;

 private:
  FlipMode mode_;
};

/// Options of the layers that move pixels; the order is Keras's.
struct RandomWarpOptions {
  FillMode fill_mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  double fill_value = 0.0;
  std::string name{};
};

/// Turned about the centre by factor * 360 degrees. Keras's RandomRotation. Throws ValueError for a
/// factor beyond -1 to 1.
class RandomRotation : public Layer {
 public:
  explicit RandomRotation(FactorRange factor, RandomWarpOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomRotation"; }
  Config config() const override;

 private:
  FactorRange factor_;
  RandomWarpOptions options_;
};

/// Moved down and to the right by factors of the height and width. Keras's RandomTranslation.
/// Throws ValueError for a factor beyond -1 to 1.
class RandomTranslation : public Layer {
 public:
  RandomTranslation(FactorRange height_factor, FactorRange width_factor,
                    RandomWarpOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomTranslation"; }
  Config config() const override;

 private:
  FactorRange height_, width_;
  RandomWarpOptions options_;
};

/// Scaled about the centre: the result shows 1 + factor of the height and width, the same of both
/// where no width_factor is given. Keras's RandomZoom. Throws ValueError for a factor beyond -1 to
/// 1.
class RandomZoom : public Layer {
 public:
  explicit RandomZoom(FactorRange height_factor, std::optional<FactorRange> width_factor = {},
                      RandomWarpOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomZoom"; }
  Config config() const override;

 private:
  FactorRange height_;
  std::optional<FactorRange> width_;
  RandomWarpOptions options_;
};

/// Options of the layers that change values; the order is Keras's.
struct RandomValueOptions {
  std::array<double, 2> value_range{0.0, 255.0};  // results stay within
  std::string name{};
};

/// With factor * (the width of value_range) added. Keras's RandomBrightness. Throws ValueError for
/// a factor beyond -1 to 1.
class RandomBrightness : public Layer {
 public:
  explicit RandomBrightness(FactorRange factor, RandomValueOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomBrightness"; }
  Config config() const override;

 private:
  FactorRange factor_;
  RandomValueOptions options_;
};

/// (x - mean) * f + mean with each channel's mean and f between 1 - lower and 1 + upper. Keras's
/// RandomContrast; one number gives both ends. Throws ValueError for ends beyond 0 to 1.
class RandomContrast : public Layer {
 public:
  explicit RandomContrast(double factor, RandomValueOptions options = {});
  RandomContrast(double lower, double upper, RandomValueOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomContrast"; }
  Config config() const override;

 private:
  double lower_, upper_;
  RandomValueOptions options_;
};

/// A part of height x width, one place for the whole batch; smaller images and inference are as
/// Resizing with crop_to_aspect_ratio. Keras's RandomCrop, in inference as Keras 2 and its
/// documentation (Keras 3.15 leaves images as they are then). Throws as Resizing.
class RandomCrop : public Layer {
 public:
  RandomCrop(int height, int width, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RandomCrop"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  Resizing resizing_;
};

}  // namespace mien::nn
