#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Options of Dropout.
struct DropoutOptions {
  /// With the batch; axes of size 1 are dropped together, -1 is the size of x. Empty: each element
  /// by itself.
  std::vector<std::int64_t> noise_shape{};
  std::string name{};
};

/// In training zeroes elements with probability rate and divides the others by 1 - rate; else x
/// itself. Keras's Dropout. Throws ValueError unless 0 <= rate < 1, and for a size in noise_shape
/// that is neither positive nor -1.
/// ```cpp
/// nn::Sequential model{nn::Rescaling(1.0 / 255), nn::Dropout(0.25)};
/// ```
class Dropout : public Layer {
 public:
  explicit Dropout(double rate, DropoutOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Dropout"; }
  Config config() const override;

 private:
  double rate_;
  DropoutOptions options_;
};

/// x * scale + offset, such as Rescaling(1.0 / 255); with lists, a number for each place of the
/// last axis. Keras's Rescaling. Throws ValueError for an empty list.
class Rescaling : public Layer {
 public:
  explicit Rescaling(double scale, double offset = 0.0, LayerOptions options = {});
  explicit Rescaling(std::vector<double> scale, std::vector<double> offset = {0.0},
                     LayerOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Rescaling"; }
  Config config() const override;

 private:
  std::vector<double> scale_, offset_;
  Tensor scales_, offsets_;  // of lists, where built
};

}  // namespace mien::nn
