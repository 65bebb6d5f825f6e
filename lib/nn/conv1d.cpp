#include "mien/nn/conv1d.h"

#include "lib/nn/layer_config.h"
#include "lib/nn/sequences.h"
#include "mien/base/error.h"
#include "mien/ops/conv2d.h"

namespace mien::nn {
namespace {

template <class Options>
Conv2dOptions op_options(const Options& options) {
  return {.stride = {1, options.strides},
          .dilation = {1, options.dilation_rate},
          .padding = options.padding};
}

template <class Options>
void check_window(const char* kind, int size, const Options& options, bool causal) {
  check_positive(kind, "kernel_size", {size});
  check_positive(kind, "strides", {options.strides});
  check_positive(kind, "dilation_rate", {options.dilation_rate});
  if (causal && options.padding == Padding::causal) return;
  check_padding(kind, options.padding);
}

// What a depthwise convolution gives for a sequence [L, C], as a convolution of C groups.
Shape depthwise_shape(const Shape& in, int size, int multiplier, Conv2dOptions options) {
  options.groups = int(in[1]);
  return sequence_shape(conv2d_shape(image_shape(in), {1, size, 1, in[1] * multiplier}, options));
}

// The keys that the three share.
template <class Options>
Config& set_window(Config& config, int size, const Options& options) {
  return config.set("kernel_size", one_value(size))
      .set("strides", one_value(options.strides))
      .set("padding", padding_name(options.padding))
      .set("data_format", "channels_last")
      .set("dilation_rate", one_value(options.dilation_rate))
      .set("activation", std::string(name_of(options.activation)))
      .set("use_bias", options.use_bias)
      .set("bias_initializer", initializer_value(options.bias_initializer))
      .set("bias_regularizer", regularizer_value(options.bias_regularizer));
}

}  // namespace

Conv1D::Conv1D(int filters, int kernel_size, Conv1DOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_positive("Conv1D", "filters", {filters});
  check_window("Conv1D", size_, options_, true);
  check_positive("Conv1D", "groups", {options_.groups});
  MIEN_CHECK(filters % options_.groups == 0, ValueError,
             "Conv1D: filters must be a multiple of groups; got ", filters, " and ",
             options_.groups);
  set_name(options_.name);
}

Shape Conv1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  MIEN_CHECK(in[1] % options_.groups == 0, ShapeError, "Conv1D: the channels of ", in,
             " must be a multiple of ", options_.groups, " groups");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[1] * options_.groups, in);
  const Shape weight{size_, in[1] / options_.groups, filters_};
  Conv2dOptions grouped = op_options(options_);
  grouped.groups = options_.groups;
  const Shape out = conv2d_shape(image_shape(in), image_kernel(weight), grouped);
  if (!kernel_.defined()) {
    kernel_ = param("kernel", weight, options_.kernel_initializer, options_.kernel_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  return sequence_shape(out);
}

Tensor Conv1D::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  Conv2dOptions grouped = op_options(options_);
  grouped.groups = options_.groups;
  const Tensor y = conv2d(as_image(*this, x), as_image_kernel(kernel_), bias_, grouped);
  return activated(as_sequence(y), options_.activation);
}

Config Conv1D::config() const {
  Config config;
  config.set("filters", filters_);
  return set_window(config, size_, options_)
      .set("groups", options_.groups)
      .set("kernel_initializer", initializer_value(options_.kernel_initializer))
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer));
}

DepthwiseConv1D::DepthwiseConv1D(int kernel_size, DepthwiseConv1DOptions options)
    : size_(kernel_size), options_(std::move(options)) {
  check_window("DepthwiseConv1D", size_, options_, false);
  check_positive("DepthwiseConv1D", "depth_multiplier", {options_.depth_multiplier});
  set_name(options_.name);
}

Shape DepthwiseConv1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[1], in);
  const Shape out = depthwise_shape(in, size_, options_.depth_multiplier, op_options(options_));
  if (!kernel_.defined()) {
    kernel_ = param("depthwise_kernel", {size_, in[1], options_.depth_multiplier},
                    options_.depthwise_initializer, options_.depthwise_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {out[1]}, options_.bias_initializer, options_.bias_regularizer);
  }
  return out;
}

Tensor DepthwiseConv1D::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  const Tensor y =
      depthwise_conv2d(as_image(*this, x), as_image_kernel(kernel_), bias_, op_options(options_));
  return activated(as_sequence(y), options_.activation);
}

Config DepthwiseConv1D::config() const {
  Config config;
  return set_window(config, size_, options_)
      .set("depth_multiplier", options_.depth_multiplier)
      .set("depthwise_initializer", initializer_value(options_.depthwise_initializer))
      .set("depthwise_regularizer", regularizer_value(options_.depthwise_regularizer));
}

SeparableConv1D::SeparableConv1D(int filters, int kernel_size, SeparableConv1DOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_positive("SeparableConv1D", "filters", {filters});
  check_window("SeparableConv1D", size_, options_, true);
  check_positive("SeparableConv1D", "depth_multiplier", {options_.depth_multiplier});
  set_name(options_.name);
}

Shape SeparableConv1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  if (depthwise_kernel_.defined()) check_channels(*this, depthwise_kernel_.shape()[1], in);
  Shape out = depthwise_shape(in, size_, options_.depth_multiplier, op_options(options_));
  if (!depthwise_kernel_.defined()) {
    depthwise_kernel_ = param("depthwise_kernel", {size_, in[1], options_.depth_multiplier},
                              options_.depthwise_initializer, options_.depthwise_regularizer);
    pointwise_kernel_ = param("pointwise_kernel", {1, out[1], filters_},
                              options_.pointwise_initializer, options_.pointwise_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  out[1] = filters_;
  return out;
}

Tensor SeparableConv1D::forward(const Tensor& x, Pass&) const {
  check_built(*this, depthwise_kernel_);
  const Tensor apart = depthwise_conv2d(as_image(*this, x), as_image_kernel(depthwise_kernel_), {},
                                        op_options(options_));
  const Tensor y = conv2d(apart, as_image_kernel(pointwise_kernel_), bias_);
  return activated(as_sequence(y), options_.activation);
}

Config SeparableConv1D::config() const {
  Config config;
  config.set("filters", filters_);
  return set_window(config, size_, options_)
      .set("depth_multiplier", options_.depth_multiplier)
      .set("depthwise_initializer", initializer_value(options_.depthwise_initializer))
      .set("pointwise_initializer", initializer_value(options_.pointwise_initializer))
      .set("depthwise_regularizer", regularizer_value(options_.depthwise_regularizer))
      .set("pointwise_regularizer", regularizer_value(options_.pointwise_regularizer));
}

}  // namespace mien::nn
