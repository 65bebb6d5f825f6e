#pragma once

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// In training zeroes elements with probability rate and divides the others by 1 - rate; else x
/// itself. Keras's Dropout. Throws ValueError unless 0 <= rate < 1.
/// ```cpp
/// nn::Sequential model{nn::Rescaling(1.0 / 255), nn::Dropout(0.25)};
/// ```
class Dropout : public Layer {
 public:
  explicit Dropout(double rate, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Dropout"; }
  Config config() const override;

 private:
  double rate_;
};

/// x * scale + offset, such as Rescaling(1.0 / 255). Keras's Rescaling.
class Rescaling : public Layer {
 public:
  explicit Rescaling(double scale, double offset = 0.0, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Rescaling"; }
  Config config() const override;

 private:
  double scale_, offset_;
};

}  // namespace mien::nn
