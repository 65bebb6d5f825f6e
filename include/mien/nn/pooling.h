#pragma once

#include <array>
#include <string>

#include "mien/nn/conv.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Options of the poolings. Pairs are (vertical, horizontal).
struct Pooling2DOptions {
  std::array<int, 2> strides{0, 0};  // 0: the pool size
  Padding padding = valid;
  std::string name{};
};

/// Largest value of each window: [N, H, W, C] -> [N, OH, OW, C]. Keras's MaxPooling2D. Throws
/// ValueError for a size or stride out of its range, ShapeError where x does not fit.
/// ```cpp
/// nn::MaxPooling2D halves;
/// nn::MaxPooling2D overlapping({3, 3}, {.strides = {2, 2}, .padding = nn::same});
/// ```
class MaxPooling2D : public Layer {
 public:
  explicit MaxPooling2D(std::array<int, 2> pool_size = {2, 2}, Pooling2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "MaxPooling2D"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  Pooling2DOptions options_;
};

/// Mean of each window, padding left out: [N, H, W, C] -> [N, OH, OW, C]. Keras's AveragePooling2D.
/// Throws as MaxPooling2D.
class AveragePooling2D : public Layer {
 public:
  explicit AveragePooling2D(std::array<int, 2> pool_size = {2, 2}, Pooling2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "AveragePooling2D"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  Pooling2DOptions options_;
};

/// Options of the global poolings.
struct GlobalPooling2DOptions {
  bool keepdims = false;  // [N, 1, 1, C] instead of [N, C]
  std::string name{};
};

/// Mean of each channel over the image: [N, H, W, C] -> [N, C]. Keras's GlobalAveragePooling2D.
/// Throws ShapeError where x is no image.
class GlobalAveragePooling2D : public Layer {
 public:
  explicit GlobalAveragePooling2D(GlobalPooling2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GlobalAveragePooling2D"; }
  Config config() const override;

 private:
  GlobalPooling2DOptions options_;
};

/// Largest value of each channel over the image: [N, H, W, C] -> [N, C]. Keras's
/// GlobalMaxPooling2D. Throws ShapeError where x is no image.
class GlobalMaxPooling2D : public Layer {
 public:
  explicit GlobalMaxPooling2D(GlobalPooling2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GlobalMaxPooling2D"; }
  Config config() const override;

 private:
  GlobalPooling2DOptions options_;
};

}  // namespace mien::nn
