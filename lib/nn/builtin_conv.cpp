#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/conv.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> conv2d_from(const Config& c) {
  return made(
      Conv2D(int(c.need_int("filters")), pair_from(c, "kernel_size", {1, 1}),
             {.strides = pair_from(c, "strides", {1, 1}),
              .padding = padding_from(c),
              .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
              .groups = int(c.get_int("groups", 1)),
              .activation = act_from(c),
              .use_bias = c.get_bool("use_bias", true),
              .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
              .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
              .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
              .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

std::unique_ptr<Module> depthwise_from(const Config& c) {
  return made(DepthwiseConv2D(
      pair_from(c, "kernel_size", {1, 1}),
      {.strides = pair_from(c, "strides", {1, 1}),
       .padding = padding_from(c),
       .depth_multiplier = int(c.get_int("depth_multiplier", 1)),
       .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
       .activation = act_from(c),
       .use_bias = c.get_bool("use_bias", true),
       .depthwise_initializer = initializer_from(c, "depthwise_initializer", glorot_uniform()),
       .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
       .depthwise_regularizer = regularizer_from(c, "depthwise_regularizer"),
       .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

std::unique_ptr<Module> separable_from(const Config& c) {
  return made(SeparableConv2D(
      int(c.need_int("filters")), pair_from(c, "kernel_size", {1, 1}),
      {.strides = pair_from(c, "strides", {1, 1}),
       .padding = padding_from(c),
       .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
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
    {"Conv2D", conv2d_from},
    {"DepthwiseConv2D", depthwise_from},
    {"SeparableConv2D", separable_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_conv() { return kLayers; }

}  // namespace mien::nn
