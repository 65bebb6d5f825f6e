#include "mien/nn/conv.h"

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/conv2d.h"

namespace mien::nn {
namespace {

// The op checks its shapes with the batch in front.
Shape with_batch(const Shape& in) { return join({1}, in); }

// What a depthwise convolution gives; as a convolution of C groups the shape is the same.
Shape depthwise_shape(const Shape& in, const std::array<int, 2>& size, int multiplier,
                      Conv2dOptions options) {
  options.groups = int(in[2]);
  return conv2d_shape(with_batch(in), {size[0], size[1], 1, in[2] * multiplier}, options).slice(1);
}

}  // namespace

Conv2D::Conv2D(int filters, std::array<int, 2> kernel_size, Conv2DOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_positive("Conv2D", "filters", {filters});
  check_positive("Conv2D", "kernel_size", {size_[0], size_[1]});
  check_positive("Conv2D", "strides", {options_.strides[0], options_.strides[1]});
  check_positive("Conv2D", "dilation_rate", {options_.dilation_rate[0], options_.dilation_rate[1]});
  check_positive("Conv2D", "groups", {options_.groups});
  check_padding("Conv2D", options_.padding);
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
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  return out.slice(1);
}

Tensor Conv2D::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(conv2d(x, kernel_, bias_, op_options(options_)), options_.activation);
}

Tensor Conv2D::forward_to_norm(const Tensor& x, Pass& pass) const {
  if (options_.activation != Act::none) return forward(x, pass);
  check_built(*this, kernel_);
  Conv2dOptions options = op_options(options_);
  options.moments = true;
  return conv2d(x, kernel_, bias_, options);
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
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer));
}

DepthwiseConv2D::DepthwiseConv2D(std::array<int, 2> kernel_size, DepthwiseConv2DOptions options)
    : size_(kernel_size), options_(std::move(options)) {
  check_positive("DepthwiseConv2D", "kernel_size", {size_[0], size_[1]});
  check_positive("DepthwiseConv2D", "strides", {options_.strides[0], options_.strides[1]});
  check_positive("DepthwiseConv2D", "dilation_rate",
                 {options_.dilation_rate[0], options_.dilation_rate[1]});
  check_positive("DepthwiseConv2D", "depth_multiplier", {options_.depth_multiplier});
  check_padding("DepthwiseConv2D", options_.padding);
  set_name(options_.name);
}

static Conv2dOptions op_options(const DepthwiseConv2DOptions& options) {
  return {.stride = options.strides, .dilation = options.dilation_rate, .padding = options.padding};
}

Shape DepthwiseConv2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[2], in);
  const Shape out = depthwise_shape(in, size_, options_.depth_multiplier, op_options(options_));
  if (!kernel_.defined()) {
    kernel_ = param("depthwise_kernel", {size_[0], size_[1], in[2], options_.depth_multiplier},
                    options_.depthwise_initializer, options_.depthwise_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {out[2]}, options_.bias_initializer, options_.bias_regularizer);
  }
  return out;
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
      .set("depthwise_regularizer", regularizer_value(options_.depthwise_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer));
}

SeparableConv2D::SeparableConv2D(int filters, std::array<int, 2> kernel_size,
                                 SeparableConv2DOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  constexpr const char* kind = "SeparableConv2D";
  check_positive(kind, "filters", {filters});
  check_positive(kind, "kernel_size", {size_[0], size_[1]});
  check_positive(kind, "strides", {options_.strides[0], options_.strides[1]});
  check_positive(kind, "dilation_rate", {options_.dilation_rate[0], options_.dilation_rate[1]});
  check_positive(kind, "depth_multiplier", {options_.depth_multiplier});
  check_padding(kind, options_.padding);
  set_name(options_.name);
}

static Conv2dOptions op_options(const SeparableConv2DOptions& options) {
  return {.stride = options.strides, .dilation = options.dilation_rate, .padding = options.padding};
}

Shape SeparableConv2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  if (depthwise_kernel_.defined()) check_channels(*this, depthwise_kernel_.shape()[2], in);
  Shape out = depthwise_shape(in, size_, options_.depth_multiplier, op_options(options_));
  if (!depthwise_kernel_.defined()) {
    depthwise_kernel_ =
        param("depthwise_kernel", {size_[0], size_[1], in[2], options_.depth_multiplier},
              options_.depthwise_initializer, options_.depthwise_regularizer);
    pointwise_kernel_ = param("pointwise_kernel", {1, 1, out[2], filters_},
                              options_.pointwise_initializer, options_.pointwise_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  out[2] = filters_;
  return out;
}

Tensor SeparableConv2D::forward(const Tensor& x, Pass&) const {
  check_built(*this, depthwise_kernel_);
  const Tensor apart = depthwise_conv2d(x, depthwise_kernel_, {}, op_options(options_));
  return activated(conv2d(apart, pointwise_kernel_, bias_), options_.activation);
}

Config SeparableConv2D::config() const {
  return Config()
      .set("filters", filters_)
      .set("kernel_size", pair_value(size_))
      .set("strides", pair_value(options_.strides))
      .set("padding", padding_name(options_.padding))
      .set("data_format", "channels_last")
      .set("dilation_rate", pair_value(options_.dilation_rate))
      .set("depth_multiplier", options_.depth_multiplier)
      .set("activation", std::string(name_of(options_.activation)))
      .set("use_bias", options_.use_bias)
      .set("depthwise_initializer", initializer_value(options_.depthwise_initializer))
      .set("pointwise_initializer", initializer_value(options_.pointwise_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("depthwise_regularizer", regularizer_value(options_.depthwise_regularizer))
      .set("pointwise_regularizer", regularizer_value(options_.pointwise_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer));
}

}  // namespace mien::nn
