#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void activation_layers_cases(LayerCases& add) {
  using namespace nn;
  add("activation", Activation(Act::gelu), {kRow});
  add("relu", ReLU({.max_value = 0.6, .negative_slope = 0.1, .threshold = 0.2}), {kRow});
  add("relu_plain", ReLU(), {kRow});
  add("leaky_relu", LeakyReLU(), {kRow});
  add("elu", ELU(0.7), {kRow});
  add("softmax", Softmax(), {kRow});
  add("softmax_axis", Softmax(1), {kImage});
}

}  // namespace mien
