#pragma once

#include <string>

#include "mien/nn/conv.h"
#include "mien/nn/module.h"

// Convolutions of sequences, [N, L, C]: what those of images are with a height of 1.

namespace mien::nn {

/// Options of Conv1D; the order is Keras's.
struct Conv1DOptions {
  int strides = 1;
  Padding padding = valid;  // causal as well: no step sees a later one
  int dilation_rate = 1;
  int groups = 1;
  Act activation = Act::none;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Convolution of sequences: [N, L, C] -> [N, OL, filters]. Keras's Conv1D. Weights: kernel [K, C /
/// groups, filters], bias [filters]. Throws as Conv2D.
/// ```cpp
/// nn::Conv1D conv(32, 5, {.padding = nn::causal, .dilation_rate = 2});
/// const Shape out = conv.build(Shape{100, 8});  // [100, 32]
/// ```
class Conv1D : public Layer {
 public:
  Conv1D(int filters, int kernel_size, Conv1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Conv1D"; }
  Config config() const override;

 private:
  int filters_, size_;
  Conv1DOptions options_;
  Tensor kernel_, bias_;
};

/// Options of DepthwiseConv1D; the order is Keras's.
struct DepthwiseConv1DOptions {
  int strides = 1;
  Padding padding = valid;
  int depth_multiplier = 1;  // filters of each channel
  int dilation_rate = 1;
  Act activation = Act::none;
  bool use_bias = true;
  Initializer depthwise_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer depthwise_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Each channel with filters of its own: [N, L, C] -> [N, OL, C * depth_multiplier]. Keras's
/// DepthwiseConv1D. Weights: depthwise_kernel [K, C, depth_multiplier], bias [C *
/// depth_multiplier]. Throws as Conv2D.
class DepthwiseConv1D : public Layer {
 public:
  explicit DepthwiseConv1D(int kernel_size, DepthwiseConv1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "DepthwiseConv1D"; }
  Config config() const override;

 private:
  int size_;
  DepthwiseConv1DOptions options_;
  Tensor kernel_, bias_;
};

/// Options of SeparableConv1D; the order is Keras's.
struct SeparableConv1DOptions {
  int strides = 1;
  Padding padding = valid;  // causal as well, as Keras 2 has it
  int dilation_rate = 1;
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

/// A depthwise convolution, then one of length 1 that mixes the channels: [N, L, C] -> [N, OL,
/// filters]. Keras's SeparableConv1D. Weights: depthwise_kernel [K, C, depth_multiplier],
/// pointwise_kernel [1, C * depth_multiplier, filters], bias [filters]. Throws as Conv2D.
class SeparableConv1D : public Layer {
 public:
  SeparableConv1D(int filters, int kernel_size, SeparableConv1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "SeparableConv1D"; }
  Config config() const override;

 private:
  int filters_, size_;
  SeparableConv1DOptions options_;
  Tensor depthwise_kernel_, pointwise_kernel_, bias_;
};

}  // namespace mien::nn
