#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/conv1d.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> conv1d_from(const Config& c) {
  return made(
      Conv1D(int(c.need_int("filters")), one_from(c, "kernel_size", 1),
             {.strides = one_from(c, "strides", 1),
              .padding = padding_from(c, true),
              .dilation_rate = one_from(c, "dilation_rate", 1),
              .groups = int(c.get_int("groups", 1)),
              .activation = act_from(c),
              .use_bias = c.get_bool("use_bias", true),
              .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
              .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
              .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
              .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

std::unique_ptr<Module> depthwise_from(const Config& c) {
  return made(DepthwiseConv1D(
      one_from(c, "kernel_size", 1),
      {.strides = one_from(c, "strides", 1),
       .padding = padding_from(c),
       .depth_multiplier = int(c.get_int("depth_multiplier", 1)),
       .dilation_rate = one_from(c, "dilation_rate", 1),
       .activation = act_from(c),
       .use_bias = c.get_bool("use_bias", true),
       .depthwise_initializer = initializer_from(c, "depthwise_initializer", glorot_uniform()),
       .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
       .depthwise_regularizer = regularizer_from(c, "depthwise_regularizer"),
       .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

std::unique_ptr<Module> separable_from(const Config& c) {
  return made(SeparableConv1D(
      int(c.need_int("filters")), one_from(c, "kernel_size", 1),
      {.strides = one_from(c, "strides", 1),
       .padding = padding_from(c, true),
       .dilation_rate = one_from(c, "dilation_rate", 1),
       .depth_multiplier = int(c.get_int("depth_multiplier", 1)),
       .activation = act_from(c),
       .use_bias = c.get_bool("use_bias", true),
       .depthwise_initializer = initializer_from(c, "depthwise_initializer", glorot_uniform()),
       .pointwise_initializer = initializer_from(c, "pointwise_initializer", glorot_uniform()),
       .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
       .depthwise_regularizer = regularizer_from(c, "depthwise_regularizer"),
       .pointwise_regularizer = regularizer_from(c, "pointwise_regularizer"),
       .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Conv1D", conv1d_from},
    {"DepthwiseConv1D", depthwise_from},
    {"SeparableConv1D", separable_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_conv1d() { return kLayers; }

}  // namespace mien::nn
