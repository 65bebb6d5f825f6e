#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void conv_transpose_cases(LayerCases& add) {
  using namespace nn;
  const Shape image{2, 3, 4, 3}, steps{2, 5, 3};
  add("conv2d_transpose", Conv2DTranspose(2, {3, 2}, {.activation = Act::relu}), {image});
  add("conv2d_transpose_strided",
      Conv2DTranspose(2, {3, 2}, {.strides = {2, 3}, .kernel_regularizer = {.l1 = 0.1}}), {image});
  add("conv2d_transpose_short", Conv2DTranspose(2, {1, 2}, {.strides = {3, 3}, .use_bias = false}),
      {image});
  add("conv2d_transpose_same",
      Conv2DTranspose(4, {3, 3}, {.strides = {2, 2}, .padding = same, .activation = Act::tanh}),
      {image});
  add("conv2d_transpose_even", Conv2DTranspose(2, {4, 2}, {.strides = {2, 3}, .padding = same}),
      {image});
  add("conv2d_transpose_padded",
      Conv2DTranspose(2, {3, 2}, {.strides = {2, 2}, .padding = same, .output_padding = {{0, 1}}}),
      {image});
  add("conv2d_transpose_valid_padded",
      Conv2DTranspose(2, {3, 4}, {.strides = {3, 2}, .output_padding = {{2, 1}}}), {image});
  add("conv2d_transpose_dilated", Conv2DTranspose(2, {2, 3}, {.dilation_rate = {2, 2}}), {image});
  add("conv1d_transpose", Conv1DTranspose(2, 3, {.activation = Act::sigmoid}), {steps});
  add("conv1d_transpose_same",
      Conv1DTranspose(4, 4, {.strides = 3, .padding = same, .use_bias = false}), {steps});
  add("conv1d_transpose_padded",
      Conv1DTranspose(2, 3, {.strides = 2, .padding = same, .output_padding = 1}), {steps});
  add("conv1d_transpose_valid", Conv1DTranspose(2, 2, {.strides = 3, .output_padding = 2}),
      {steps});
}

}  // namespace mien
