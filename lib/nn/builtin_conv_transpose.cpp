#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/conv_transpose.h"

namespace mien::nn {
namespace {

bool is_given(const Config& c, std::string_view key) {
  const Config::Value* value = c.find(key);
  return value && !std::holds_alternative<std::monostate>(*value);
}

// Keras 2 writes groups: 1, and its code has no other.
void refuse_groups(const Config& c) {
  if (c.get_int("groups", 1) != 1) refuse_options(c, {"groups"});
}

std::unique_ptr<Module> conv2d_transpose_from(const Config& c) {
  refuse_groups(c);
  Conv2DTransposeOptions options{
      .strides = pair_from(c, "strides", {1, 1}),
      .padding = padding_from(c),
      .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
      .activation = act_from(c),
      .use_bias = c.get_bool("use_bias", true),
      .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
      .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
      .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
      .bias_regularizer = regularizer_from(c, "bias_regularizer")};
  if (is_given(c, "output_padding"))
    options.output_padding = pair_from(c, "output_padding", {0, 0});
  return made(Conv2DTranspose(int(c.need_int("filters")), pair_from(c, "kernel_size", {1, 1}),
                              std::move(options)));
}

std::unique_ptr<Module> conv1d_transpose_from(const Config& c) {
  refuse_groups(c);
  Conv1DTransposeOptions options{
      .strides = one_from(c, "strides", 1),
      .padding = padding_from(c),
      .dilation_rate = one_from(c, "dilation_rate", 1),
      .activation = act_from(c),
      .use_bias = c.get_bool("use_bias", true),
      .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
      .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
      .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
      .bias_regularizer = regularizer_from(c, "bias_regularizer")};
  if (is_given(c, "output_padding")) options.output_padding = one_from(c, "output_padding", 0);
  return made(Conv1DTranspose(int(c.need_int("filters")), one_from(c, "kernel_size", 1),
                              std::move(options)));
}

constexpr BuiltinLayer kLayers[] = {
    {"Conv1DTranspose", conv1d_transpose_from},
    {"Conv2DTranspose", conv2d_transpose_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_conv_transpose() { return kLayers; }

}  // namespace mien::nn
