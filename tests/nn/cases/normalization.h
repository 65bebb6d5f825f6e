#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void normalization_cases(LayerCases& add) {
  using namespace nn;
  add("batch_normalization", BatchNormalization(), {kImage});
  add("batch_normalization_plain", BatchNormalization({.center = false, .scale = false}), {kRow});
  add("batch_normalization_axis", BatchNormalization({.axis = 1}), {kImage});
  add("layer_normalization", LayerNormalization(), {kImage});
  add("layer_normalization_axes",
      LayerNormalization({.axis = {-1, 2}, .gamma_regularizer = {.l1 = 0.5}}), {kImage});
  add("layer_normalization_first_axes", LayerNormalization({.axis = {1, 2}, .epsilon = 0.01}),
      {kImage});
  add("layer_normalization_middle", LayerNormalization({.axis = 2, .scale = false}), {kImage});
  add("layer_normalization_rms", LayerNormalization({.rms_scaling = true}), {kImage});
  add("rms_normalization", RMSNormalization(), {kImage});
  add("rms_normalization_axes", RMSNormalization({.axis = {2, 3}, .epsilon = 0.01}), {kImage});
  add("group_normalization", GroupNormalization(2), {kImage});
  add("group_normalization_each", GroupNormalization(-1, {.epsilon = 0.01, .center = false}),
      {kImage});
  add("group_normalization_axis", GroupNormalization(3, {.axis = 2, .scale = false}), {kImage});
  add("group_normalization_row", GroupNormalization(1), {kRow});
  add("unit_normalization", UnitNormalization(), {kImage});
  add("unit_normalization_axes", UnitNormalization({1, 2}), {kImage});
}

}  // namespace mien
