#pragma once

#include <array>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

// Shape layers of sequences, [N, L, C].
//
// ```cpp
// nn::Sequential model{nn::ZeroPadding1D({2, 0}), nn::Cropping1D({0, 1}), nn::UpSampling1D(3)};
// ```

namespace mien::nn {

/// Steps of zeros {before, after}: [N, L, C] -> [N, L + .., C]. Keras's ZeroPadding1D. Throws
/// ValueError for a negative size.
class ZeroPadding1D : public Layer {
 public:
  explicit ZeroPadding1D(std::array<int, 2> padding = {1, 1}, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "ZeroPadding1D"; }
  Config config() const override;

 private:
  std::array<int, 2> padding_;
};

/// Without the first and last steps {before, after}: [N, L, C] -> [N, L - .., C]. Keras's
/// Cropping1D. Throws ValueError for a negative size, ShapeError where nothing is left.
class Cropping1D : public Layer {
 public:
  explicit Cropping1D(std::array<int, 2> cropping = {1, 1}, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Cropping1D"; }
  Config config() const override;

 private:
  std::array<int, 2> cropping_;
};

/// Each step repeated: [N, L, C] -> [N, L * size, C]. Keras's UpSampling1D. Throws ValueError for a
/// size below 1.
class UpSampling1D : public Layer {
 public:
  explicit UpSampling1D(int size = 2, LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "UpSampling1D"; }
  Config config() const override;

 private:
  int size_;
};

}  // namespace mien::nn
