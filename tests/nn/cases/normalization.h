#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void normalization_cases(LayerCases& add) {
  using namespace nn;
  add("batch_normalization", BatchNormalization(), {kImage});
  add("batch_normalization_plain", BatchNormalization({.center = false, .scale = false}), {kRow});
  add("layer_normalization", LayerNormalization(), {kImage});
}

}  // namespace mien
