#pragma once

#include <array>
#include <string>
#include <vector>

#include "mien/base/interpolation.h"
#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"
#include "mien/ops/axes.h"

// Layers that bring images and features into the form a network wants, as a part of it.

namespace mien::nn {

/// Options of Normalization; the order is Keras's.
struct NormalizationOptions {
  Axes axis = -1;                  // with a mean each; positive ones count the batch; none: one
  std::vector<double> mean{};      // one number, or one for each place of the one axis
  std::vector<double> variance{};  // likewise; both or none
  bool invert = false;
  std::string name{};
};

/// (x - mean) / sqrt(variance), or with invert x * sqrt(variance) + mean. Keras's Normalization:
/// standard deviations are at least 1e-7. Where mean and variance are not given, they are buffers
/// that adapt() sets, with Keras's count. Throws ValueError where only one of them is given or
/// several axes have them, ShapeError where their number does not fit.
/// ```cpp
/// nn::Normalization scaled;
/// scaled.adapt(Tensor::from({1, 3, 5, 7}, {4, 1}));  // mean 4, variance 5
/// ```
class Normalization : public Layer {
 public:
  explicit Normalization(NormalizationOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Normalization"; }
  Config config() const override;

  /// Sets mean and variance to those of data [N, ...]; builds the layer where it is not. Throws
  /// ValueError where they were given.
  void adapt(const Tensor& data);

 private:
  NormalizationOptions options_;
  Axes axes_;
  Tensor mean_, variance_;
  bool built_ = false;
};

/// Options of Resizing; the order is Keras's.
struct ResizingOptions {
  Interpolation interpolation = Interpolation::bilinear;
  bool crop_to_aspect_ratio = false;  // cuts what does not fit the new sizes' ratio off both ends
  bool pad_to_aspect_ratio = false;   // surrounds by fill_value what lacks to it
  double fill_value = 0.0;
  std::string name{};
};

/// How the places of a resized axis are made of those before it.
struct ResizedAxis {
  Tensor low{}, high{};  // i32: the two places
  Tensor weight{};       // of the second one; undefined where there is one place only
};

/// Images [N, H, W, C] -> [N, height, width, C]. Keras's Resizing, as tf.image.resize without
/// antialias: pixels are areas (half-pixel centres). Throws ValueError for sizes below 1 and for
/// both ratios, ShapeError where x is no image.
class Resizing : public Layer {
 public:
  Resizing(int height, int width, ResizingOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Resizing"; }
  Config config() const override;

 private:
  struct Plan {
    std::array<int, 2> in{0, 0};                 // the images' sizes
    std::array<int, 2> begin{0, 0}, size{0, 0};  // the part that is left of them
    std::array<int, 2> pad{0, 0};                // on both sides
    std::array<ResizedAxis, 2> axes{};
  };
  Plan plan(const Shape& image) const;

  std::array<int, 2> size_;
  ResizingOptions options_;
  Plan built_;
};

/// The middle of images: [N, H, W, C] -> [N, height, width, C]; smaller images are resized, keeping
/// their ratio, as Resizing with crop_to_aspect_ratio. Keras's CenterCrop. Throws as Resizing.
class CenterCrop : public Layer {
 public:
  CenterCrop(int height, int width, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "CenterCrop"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  Resizing resizing_;
};

}  // namespace mien::nn
