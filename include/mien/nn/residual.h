#pragma once

#include <string>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

// Layers of keras.applications that shape residual branches; Keras keeps them beside the networks.

namespace mien::nn {

/// Options of LayerScale.
struct LayerScaleOptions {
  double init_values = 1e-6;
  std::string name{};
};

/// Each channel times a weight: [N, .., C] -> the same. Of ConvNeXt (Touvron et al., "Going deeper
/// with image transformers", 2021). Weight: gamma [projection_dim]. Throws ShapeError where the
/// last axis is another.
class LayerScale : public Layer {
 public:
  explicit LayerScale(int projection_dim, LayerScaleOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "LayerScale"; }
  Config config() const override;

 private:
  int projection_dim_;
  LayerScaleOptions options_;
  Tensor gamma_;
};

/// In training a whole sample's values are 0 with probability drop_path_rate, the others divided by
/// 1 - drop_path_rate (Huang et al., "Deep networks with stochastic depth", 2016); else the input.
/// Of ConvNeXt. Throws ValueError unless 0 <= drop_path_rate < 1.
class StochasticDepth : public Layer {
 public:
  explicit StochasticDepth(double drop_path_rate, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "StochasticDepth"; }
  Config config() const override;

 private:
  double rate_;
};

/// a + scale * b, of InceptionResNetV2. For nn::Graph: two inputs of one shape.
class CustomScaleLayer : public Module {
 public:
  explicit CustomScaleLayer(double scale, LayerOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "CustomScaleLayer"; }
  Config config() const override;

 private:
  double scale_;
};

}  // namespace mien::nn
