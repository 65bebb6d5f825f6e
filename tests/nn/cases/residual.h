#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void residual_cases(LayerCases& add) {
  using namespace nn;
  add("layer_scale", LayerScale(4, {.init_values = 0.5}), {kImage});
  add("stochastic_depth", StochasticDepth(0.25), {kImage});
  add("custom_scale_layer", CustomScaleLayer(0.17), {kImage, kImage});
}

}  // namespace mien
