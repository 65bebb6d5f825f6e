#pragma once

#include <array>
#include <string>

#include "mien/base/act.h"
#include "mien/nn/module.h"
#include "mien/ops/padding.h"

namespace mien::nn {

/// nn::valid and nn::same, as the options are written: {.padding = nn::same}.
using enum Padding;

/// Options of Conv2D; the order is Keras's. Pairs are (vertical, horizontal).
struct Conv2DOptions {
  std::array<int, 2> strides{1, 1};
  Padding padding = valid;
  std::array<int, 2> dilation_rate{1, 1};
  int groups = 1;
  Act activation = Act::none;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Convolution of images: [N, H, W, C] -> [N, OH, OW, filters]. Keras's Conv2D.
/// Weights: kernel [KH, KW, C / groups, filters], bias [filters]. Throws ValueError for an option
/// out of its range, ShapeError where x does not fit.
/// ```cpp
/// nn::Conv2D conv(64, {3, 3}, {.padding = nn::same, .activation = Act::relu});
/// const Shape out = conv.build(Shape{48, 48, 1});  // [48, 48, 64]
/// ```
class Conv2D : public Layer {
 public:
  Conv2D(int filters, std::array<int, 2> kernel_size, Conv2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  /// The same where a BatchNormalization follows that will find the result's statistics.
  Tensor forward_to_norm(const Tensor& x, Pass& pass) const;
  std::string_view kind() const override { return "Conv2D"; }
  Config config() const override;

 private:
  int filters_;
  std::array<int, 2> size_;
  Conv2DOptions options_;
  Tensor kernel_, bias_;
};

/// Options of DepthwiseConv2D; the order is Keras's.
struct DepthwiseConv2DOptions {
  std::array<int, 2> strides{1, 1};
  Padding padding = valid;
  int depth_multiplier = 1;  // filters of each channel
  std::array<int, 2> dilation_rate{1, 1};
  Act activation = Act::none;
  bool use_bias = true;
  Initializer depthwise_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer depthwise_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Each channel with filters of its own: [N, H, W, C] -> [N, OH, OW, C * depth_multiplier]. Keras's
/// DepthwiseConv2D. Weights: depthwise_kernel [KH, KW, C, depth_multiplier], bias [C *
/// depth_multiplier]. Throws as Conv2D.
class DepthwiseConv2D : public Layer {
 public:
  explicit DepthwiseConv2D(std::array<int, 2> kernel_size, DepthwiseConv2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "DepthwiseConv2D"; }
  Config config() const override;

 private:
  std::array<int, 2> size_;
  DepthwiseConv2DOptions options_;
  Tensor kernel_, bias_;
};

/// Options of SeparableConv2D; the order is Keras's.
struct SeparableConv2DOptions {
  std::array<int, 2> strides{1, 1};
  Padding padding = valid;
  std::array<int, 2> dilation_rate{1, 1};
  int depth_multiplier = 1;  // filters of each channel in the first step
  Act activation = Act::none;
  bool use_bias = true;
  Initializer depthwise_initializer = glorot_uniform();
  Initializer pointwise_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer depthwise_regularizer{};
  Regularizer pointwise_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// A depthwise convolution, then one of 1x1 that mixes the channels: [N, H, W, C] -> [N, OH, OW,
/// filters]. Keras's SeparableConv2D. Weights: depthwise_kernel [KH, KW, C, depth_multiplier],
/// pointwise_kernel [1, 1, C * depth_multiplier, filters], bias [filters]. Throws as Conv2D.
class SeparableConv2D : public Layer {
 public:
  SeparableConv2D(int filters, std::array<int, 2> kernel_size, SeparableConv2DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "SeparableConv2D"; }
  Config config() const override;

 private:
  int filters_;
  std::array<int, 2> size_;
  SeparableConv2DOptions options_;
  Tensor depthwise_kernel_, pointwise_kernel_, bias_;
};

}  // namespace mien::nn
