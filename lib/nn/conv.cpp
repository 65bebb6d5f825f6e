#include "mien/nn/conv.h"

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/conv2d.h"

namespace mien::nn {
namespace {

// The op checks its shapes with the batch in front.
Shape with_batch(const Shape& in) { return join({1}, in); }

}  // namespace

Conv2D::Conv2D(int filters, std::array<int, 2> kernel_size, Conv2DOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_positive("Conv2D", "filters", {filters});
  check_positive("Conv2D", "kernel_size", {size_[0], size_[1]});
  check_positive("Conv2D", "strides", {options_.strides[0], options_.strides[1]});
  check_positive("Conv2D", "dilation_rate", {options_.dilation_rate[0], options_.dilation_rate[1]});
  check_positive("Conv2D", "groups", {options_.groups});
  MIEN_CHECK(options_.padding != Padding::custom, ValueError,
             "Conv2D: padding must be valid or same");
  MIEN_CHECK(filters % options_.groups == 0, ValueError,
             "Conv2D: filters must be a multiple of groups; got ", filters, " and ",
             options_.groups);
  set_name(options_.name);
}

static Conv2dOptions op_options(const Conv2DOptions& options) {
  return {.stride = options.strides,
          .dilation = options.dilation_rate,
          .groups = options.groups,
          .padding = options.padding};
}

Shape Conv2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  MIEN_CHECK(in[2] % options_.groups == 0, ShapeError, "Conv2D: the channels of ", in,
             " must be a multiple of ", options_.groups, " groups");
  const Shape weight{size_[0], size_[1], in[2] / options_.groups, filters_};
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[2] * options_.groups, in);
  const Shape out = conv2d_shape(with_batch(in), weight, op_options(options_));
  if (!kernel_.defined()) {
    kernel_ = param("kernel", weight, options_.kernel_initializer, options_.kernel_regularizer);
    if (options_.use_bias) bias_ = param("bias", {filters_}, options_.bias_initializer);
  }
  return out.slice(1);
}

Tensor Conv2D::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(conv2d(x, kernel_, bias_, op_options(options_)), options_.activation);
}

Config Conv2D::config() const {
  return Config()
      .set("filters", filters_)
      .set("kernel_size", pair_value(size_))
      .set("strides", pair_value(options_.strides))
      .set("padding", padding_name(options_.padding))
      .set("data_format", "channels_last")
      .set("dilation_rate", pair_value(options_.dilation_rate))
      .set("groups", options_.groups)
      .set("activation", std::string(name_of(options_.activation)))
      .set("use_bias", options_.use_bias)
      .set("kernel_initializer", initializer_value(options_.kernel_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer));
}

DepthwiseConv2D::DepthwiseConv2D(std::array<int, 2> kernel_size, DepthwiseConv2DOptions options)
    : size_(kernel_size), options_(std::move(options)) {
  check_positive("DepthwiseConv2D", "kernel_size", {size_[0], size_[1]});
  check_positive("DepthwiseConv2D", "strides", {options_.strides[0], options_.strides[1]});
  check_positive("DepthwiseConv2D", "dilation_rate",
                 {options_.dilation_rate[0], options_.dilation_rate[1]});
  check_positive("DepthwiseConv2D", "depth_multiplier", {options_.depth_multiplier});
  MIEN_CHECK(options_.padding != Padding::custom, ValueError,
             "DepthwiseConv2D: padding must be valid or same");
  set_name(options_.name);
}

static Conv2dOptions op_options(const DepthwiseConv2DOptions& options) {
  return {.stride = options.strides, .dilation = options.dilation_rate, .padding = options.padding};
}

Shape DepthwiseConv2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[2], in);
  // As a convolution of C groups: the shape is the same.
  Conv2dOptions grouped = op_options(options_);
  grouped.groups = int(in[2]);
  const std::int64_t channels = in[2] * options_.depth_multiplier;
  const Shape out = conv2d_shape(with_batch(in), {size_[0], size_[1], 1, channels}, grouped);
  if (!kernel_.defined()) {
    kernel_ = param("depthwise_kernel", {size_[0], size_[1], in[2], options_.depth_multiplier},
                    options_.depthwise_initializer, options_.depthwise_regularizer);
    if (options_.use_bias) bias_ = param("bias", {channels}, options_.bias_initializer);
  }
  return out.slice(1);
}

Tensor DepthwiseConv2D::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(depthwise_conv2d(x, kernel_, bias_, op_options(options_)), options_.activation);
}

Config DepthwiseConv2D::config() const {
  return Config()
      .set("kernel_size", pair_value(size_))
      .set("strides", pair_value(options_.strides))
      .set("padding", padding_name(options_.padding))
      .set("depth_multiplier", options_.depth_multiplier)
      .set("data_format", "channels_last")
      .set("dilation_rate", pair_value(options_.dilation_rate))
      .set("activation", std::string(name_of(options_.activation)))
      .set("use_bias", options_.use_bias)
      .set("depthwise_initializer", initializer_value(options_.depthwise_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("depthwise_regularizer", regularizer_value(options_.depthwise_regularizer));
}

}  // namespace mien::nn
