#include "mien/nn/conv_transpose.h"

#include <algorithm>

#include "lib/nn/layer_config.h"
#include "lib/nn/sequences.h"
#include "mien/base/error.h"
#include "mien/ops/conv2d_transpose.h"

namespace mien::nn {
namespace {

using Pair = std::array<int, 2>;

Conv2dTransposeOptions op_options(const Conv2DTransposeOptions& options) {
  return {.stride = options.strides,
          .dilation = options.dilation_rate,
          .padding = options.padding,
          .output_padding = options.output_padding};
}

Conv2dTransposeOptions op_options(const Conv1DTransposeOptions& options) {
  Conv2dTransposeOptions out{.stride = {1, options.strides},
                             .dilation = {1, options.dilation_rate},
                             .padding = options.padding};
  // One row stays one: what the rule asks for with a filter and stride of 1.
  if (options.output_padding) out.output_padding = Pair{0, *options.output_padding};
  return out;
}

void check_options(const char* kind, int filters, const Pair& size,
                   const Conv2dTransposeOptions& options) {
  check_positive(kind, "filters", {filters});
  check_positive(kind, "kernel_size", {size[0], size[1]});
  check_positive(kind, "strides", {options.stride[0], options.stride[1]});
  check_positive(kind, "dilation_rate", {options.dilation[0], options.dilation[1]});
  check_padding(kind, options.padding);
  MIEN_CHECK(std::max(options.stride[0], options.stride[1]) == 1 ||
                 std::max(options.dilation[0], options.dilation[1]) == 1,
             ValueError, kind, ": strides above 1 do not go with a dilation_rate above 1");
  for (std::size_t i = 0; options.output_padding && i < 2; ++i)
    MIEN_CHECK(
        (*options.output_padding)[i] >= 0 && (*options.output_padding)[i] < options.stride[i],
        ValueError, kind, ": output_padding must be at least 0 and below strides; got ",
        (*options.output_padding)[i], " for a stride of ", options.stride[i]);
}

// What both have behind their windows.
template <class Options>
Config with_rest(Config config, const Options& options) {
  return std::move(config.set("padding", padding_name(options.padding))
                       .set("data_format", "channels_last")
                       .set("activation", std::string(name_of(options.activation)))
                       .set("use_bias", options.use_bias)
                       .set("kernel_initializer", initializer_value(options.kernel_initializer))
                       .set("bias_initializer", initializer_value(options.bias_initializer))
                       .set("kernel_regularizer", regularizer_value(options.kernel_regularizer))
                       .set("bias_regularizer", regularizer_value(options.bias_regularizer)));
}

}  // namespace

Conv2DTranspose::Conv2DTranspose(int filters, Pair kernel_size, Conv2DTransposeOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_options("Conv2DTranspose", filters_, size_, op_options(options_));
  set_name(options_.name);
}

Shape Conv2DTranspose::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[3], in);
  const Shape weight{size_[0], size_[1], filters_, in[2]};
  const Shape out = conv2d_transpose_shape(join({1}, in), weight, op_options(options_));
  if (!kernel_.defined()) {
    kernel_ = param("kernel", weight, options_.kernel_initializer, options_.kernel_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  return out.slice(1);
}

Tensor Conv2DTranspose::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(conv2d_transpose(x, kernel_, bias_, op_options(options_)), options_.activation);
}

Config Conv2DTranspose::config() const {
  Config config;
  config.set("filters", filters_)
      .set("kernel_size", pair_value(size_))
      .set("strides", pair_value(options_.strides))
      .set("output_padding",
           options_.output_padding ? pair_value(*options_.output_padding) : Config::Value())
      .set("dilation_rate", pair_value(options_.dilation_rate));
  return with_rest(std::move(config), options_);
}

Conv1DTranspose::Conv1DTranspose(int filters, int kernel_size, Conv1DTransposeOptions options)
    : filters_(filters), size_(kernel_size), options_(std::move(options)) {
  check_options("Conv1DTranspose", filters_, {1, size_}, op_options(options_));
  set_name(options_.name);
}

Shape Conv1DTranspose::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  if (kernel_.defined()) check_channels(*this, kernel_.shape()[2], in);
  const Shape weight{size_, filters_, in[1]};
  const Shape out =
      conv2d_transpose_shape(image_shape(in), image_kernel(weight), op_options(options_));
  if (!kernel_.defined()) {
    kernel_ = param("kernel", weight, options_.kernel_initializer, options_.kernel_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {filters_}, options_.bias_initializer, options_.bias_regularizer);
  }
  return sequence_shape(out);
}

Tensor Conv1DTranspose::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(as_sequence(conv2d_transpose(as_image(*this, x), as_image_kernel(kernel_), bias_,
                                                op_options(options_))),
                   options_.activation);
}

Config Conv1DTranspose::config() const {
  Config config;
  config.set("filters", filters_)
      .set("kernel_size", one_value(size_))
      .set("strides", one_value(options_.strides))
      .set("output_padding",
           options_.output_padding ? one_value(*options_.output_padding) : Config::Value())
      .set("dilation_rate", one_value(options_.dilation_rate));
  return with_rest(std::move(config), options_);
}

}  // namespace mien::nn
