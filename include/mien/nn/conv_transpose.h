#pragma once

#include <array>
#include <optional>
#include <string>

#include "mien/nn/conv.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Options of Conv2DTranspose; the order is Keras's.
struct Conv2DTransposeOptions {
  std::array<int, 2> strides{1, 1};
  Padding padding = valid;
  std::optional<std::array<int, 2>> output_padding{};  // more rows and columns, below strides
  std::array<int, 2> dilation_rate{1, 1};
  Act activation = Act::none;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Convolution that makes images larger: [N, H, W, C] -> [N, OH, OW, filters], where with "same" OH
/// = H * strides and with "valid" OH = (H - 1) * strides + max(strides, KH); see conv2d_transpose
/// for output_padding. Keras's Conv2DTranspose. Weights: kernel [KH, KW, filters, C], bias
/// [filters]. Throws as Conv2D, and ValueError where both strides and dilation_rate exceed 1.
/// ```cpp
/// nn::Conv2DTranspose twice(8, {3, 3}, {.strides = {2, 2}, .padding = nn::same});
/// const Shape out = twice.build(Shape{12, 12, 64});  // [24, 24, 8]
/// ```
class Conv2DTranspose : public Layer {
 public:
  Conv2DTranspose(int filters, std::array<int, 2> kernel_size, Conv2DTransposeOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Conv2DTranspose"; }
  Config config() const override;

 private:
  int filters_;
  std::array<int, 2> size_;
  Conv2DTransposeOptions options_;
  Tensor kernel_, bias_;
};

/// Options of Conv1DTranspose; the order is Keras's.
struct Conv1DTransposeOptions {
  int strides = 1;
  Padding padding = valid;
  std::optional<int> output_padding{};  // more steps, below strides
  int dilation_rate = 1;
  Act activation = Act::none;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// Convolution that makes sequences longer: [N, L, C] -> [N, OL, filters]. Keras's Conv1DTranspose.
/// Weights: kernel [K, filters, C], bias [filters]. Sizes and errors as Conv2DTranspose.
class Conv1DTranspose : public Layer {
 public:
  Conv1DTranspose(int filters, int kernel_size, Conv1DTransposeOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Conv1DTranspose"; }
  Config config() const override;

 private:
  int filters_, size_;
  Conv1DTransposeOptions options_;
  Tensor kernel_, bias_;
};

}  // namespace mien::nn
