#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/base/act.h"
#include "mien/nn/module.h"
#include "mien/ops/axes.h"

namespace mien::nn {

/// A layer's name and nothing else.
struct LayerOptions {
  std::string name{};
};

/// Any activation, element by element, softmax over the last axis. With softmax and sigmoid a
/// cross-entropy loss works on the logits, as in Keras.
/// ```cpp
/// nn::Sequential model{nn::Activation(Act::relu), nn::LeakyReLU(0.1), nn::ReLU({.max_value = 6})};
/// ```
class Activation : public Layer {
 public:
  explicit Activation(Act activation, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Activation"; }
  Config config() const override;

 private:
  Act act_;
};

/// Keras's ReLU: x between threshold and max_value; max_value at most; negative_slope * (x -
/// threshold) below the threshold.
struct ReLUOptions {
  std::optional<double> max_value{};
  double negative_slope = 0.0;
  double threshold = 0.0;
  std::string name{};
};

/// Keras's ReLU layer. Throws ValueError for a negative max_value, slope or threshold.
class ReLU : public Layer {
 public:
  explicit ReLU(ReLUOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "ReLU"; }
  Config config() const override;

 private:
  ReLUOptions options_;
};

/// x, or negative_slope * x below 0. Keras's LeakyReLU (default 0.3, unlike PyTorch's 0.01).
class LeakyReLU : public Layer {
 public:
  explicit LeakyReLU(double negative_slope = 0.3, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "LeakyReLU"; }
  Config config() const override;

 private:
  double slope_;
};

/// x, or alpha (e^x - 1) below 0. Keras's ELU.
class ELU : public Layer {
 public:
  explicit ELU(double alpha = 1.0, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "ELU"; }
  Config config() const override;

 private:
  double alpha_;
};

/// Options of PReLU; the order is Keras's.
struct PReLUOptions {
  Initializer alpha_initializer = zeros();
  Regularizer alpha_regularizer{};
  std::vector<int> shared_axes{};  // of a sample, from 1: places along them have one alpha
  std::string name{};
};

/// x, or alpha * x below 0 with a trained alpha (He et al., 2015). Keras's PReLU. Weight: alpha, of
/// a sample's shape, with 1 for each shared axis. Throws ValueError for a shared axis below 1,
/// ShapeError where samples lack one.
/// ```cpp
/// nn::PReLU each_channel({.shared_axes = {1, 2}});
/// const Shape out = each_channel.build(Shape{48, 48, 64});  // alpha is [1, 1, 64]
/// ```
class PReLU : public Layer {
 public:
  explicit PReLU(PReLUOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "PReLU"; }
  Config config() const override;

 private:
  PReLUOptions options_;
  Tensor alpha_;
};

/// Softmax over an axis, the last by default, or over the places of several axes together; positive
/// ones count the batch, as in Keras.
class Softmax : public Layer {
 public:
  explicit Softmax(Axes axis = -1, LayerOptions options = {});
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Softmax"; }
  Config config() const override;

 private:
  Axes axis_;
};

}  // namespace mien::nn
