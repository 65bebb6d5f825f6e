#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"
#include "mien/ops/upsample.h"

namespace mien::nn {

/// [N, ...] -> [N, product of the rest], row by row. Keras's Flatten.
class Flatten : public Layer {
 public:
  explicit Flatten(LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Flatten"; }
  Config config() const override;
};

/// [N, ...] -> [N, target ...]; one size may be -1. Keras's Reshape. Throws ShapeError where the
/// sizes do not fit.
/// ```cpp
/// nn::Reshape grid({4, -1});
/// const Shape out = grid.build(Shape{12});  // [4, 3]
/// ```
class Reshape : public Layer {
 public:
  explicit Reshape(std::vector<std::int64_t> target_shape, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Reshape"; }
  Config config() const override;

 private:
  Shape resolved(const Shape& in) const;
  std::vector<std::int64_t> target_;
};

/// The axes of a sample in another order, counted from 1: {2, 1} turns [N, 3, 4] into [N, 4, 3].
/// Keras's Permute. Throws ValueError where dims are no permutation of 1, 2, ...
class Permute : public Layer {
 public:
  explicit Permute(std::vector<int> dims, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Permute"; }
  Config config() const override;

 private:
  std::vector<int> dims_;
};

/// A vector n times as a sequence: [N, C] -> [N, n, C]. Keras's RepeatVector. Throws ValueError for
/// n < 1.
class RepeatVector : public Layer {
 public:
  explicit RepeatVector(int n, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "RepeatVector"; }
  Config config() const override;

 private:
  int n_;
};

/// Rows and columns of zeros around images: {top, bottom, left, right}. [N, H, W, C] -> [N, H + ..,
/// W + .., C]. Keras's ZeroPadding2D. Throws ValueError for a negative size.
class ZeroPadding2D : public Layer {
 public:
  explicit ZeroPadding2D(std::array<int, 4> padding = {1, 1, 1, 1}, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "ZeroPadding2D"; }
  Config config() const override;

 private:
  std::array<int, 4> padding_;
};

/// Images without rows and columns at their edges: {top, bottom, left, right}. [N, H, W, C] -> [N,
/// H
/// - .., W - .., C]. Keras's Cropping2D. Throws ValueError for a negative size, ShapeError where
/// nothing is left.
class Cropping2D : public Layer {
 public:
  explicit Cropping2D(std::array<int, 4> cropping = {0, 0, 0, 0}, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Cropping2D"; }
  Config config() const override;

 private:
  std::array<int, 4> cropping_;
};

/// Options of UpSampling2D.
struct UpSampling2DOptions {
  Interpolation interpolation = Interpolation::nearest;
  std::string name{};
};

/// Images larger by whole factors (vertical, horizontal): [N, H, W, C] -> [N, H * size[0], W *
/// size[1], C]. Keras's UpSampling2D. Throws ValueError for a factor below 1.
class UpSampling2D : public Layer {
 public:
  explicit UpSampling2D(std::array<int, 2> size = {2, 2}, UpSampling2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "UpSampling2D"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  UpSampling2DOptions options_;
};

}  // namespace mien::nn
