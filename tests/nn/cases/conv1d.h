#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void conv1d_cases(LayerCases& add) {
  using namespace nn;
  const Shape steps{2, 9, 4};
  add("conv1d", Conv1D(3, 3, {.activation = Act::relu}), {steps});
  add("conv1d_same",
      Conv1D(3, 4, {.strides = 2, .padding = same, .kernel_regularizer = {.l2 = 0.1}}), {steps});
  add("conv1d_causal", Conv1D(3, 3, {.padding = causal, .dilation_rate = 2}), {steps});
  add("conv1d_causal_strided", Conv1D(2, 2, {.strides = 3, .padding = causal}), {steps});
  add("conv1d_groups", Conv1D(6, 3, {.groups = 2, .use_bias = false}), {steps});
  add("depthwise1d", DepthwiseConv1D(3, {.depth_multiplier = 2, .activation = Act::tanh}), {steps});
  add("depthwise1d_same", DepthwiseConv1D(4, {.strides = 2, .padding = same, .use_bias = false}),
      {steps});
  add("depthwise1d_dilated", DepthwiseConv1D(2, {.padding = same, .dilation_rate = 3}), {steps});
  add("separable1d", SeparableConv1D(3, 3, {.activation = Act::sigmoid}), {steps});
  add("separable1d_same",
      SeparableConv1D(5, 2,
                      {.strides = 2,
                       .padding = same,
                       .depth_multiplier = 2,
                       .use_bias = false,
                       .depthwise_regularizer = {.l1 = 0.1}}),
      {steps});
  add("separable1d_dilated", SeparableConv1D(2, 3, {.dilation_rate = 2}), {steps});
}

}  // namespace mien
