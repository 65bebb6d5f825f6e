#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void conv_cases(LayerCases& add) {
  using namespace nn;
  add("conv2d", Conv2D(3, {3, 2}, {.activation = Act::relu}), {kImage});
  add("conv2d_same",
      Conv2D(3, {3, 3}, {.strides = {2, 2}, .padding = same, .bias_regularizer = {.l1 = 0.1}}),
      {kImage});
  add("conv2d_dilated", Conv2D(3, {2, 3}, {.padding = same, .dilation_rate = {2, 1}}), {kImage});
  add("conv2d_groups", Conv2D(6, {3, 3}, {.groups = 2, .use_bias = false}), {kImage});
  add("depthwise", DepthwiseConv2D({3, 3}, {.depth_multiplier = 2, .activation = Act::sigmoid}),
      {kImage});
  add("depthwise_same", DepthwiseConv2D({3, 3}, {.strides = {2, 2}, .padding = same}), {kImage});
  add("depthwise_dilated",
      DepthwiseConv2D({3, 2}, {.padding = same,
                               .depth_multiplier = 3,
                               .dilation_rate = {2, 2},
                               .activation = Act::silu,
                               .use_bias = false}),
      {kImage});
  add("depthwise_strided", DepthwiseConv2D({2, 3}, {.strides = {2, 2}, .padding = same}),
      {{2, 6, 7, 3}});
  add("separable", SeparableConv2D(3, {3, 2}, {.activation = Act::relu}), {kImage});
  add("separable_same",
      SeparableConv2D(5, {3, 3},
                      {.strides = {2, 2},
                       .padding = same,
                       .depth_multiplier = 2,
                       .use_bias = false,
                       .pointwise_regularizer = {.l2 = 0.1}}),
      {kImage});
  add("separable_dilated", SeparableConv2D(2, {2, 3}, {.padding = same, .dilation_rate = {2, 2}}),
      {kImage});
}

}  // namespace mien
