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
  add("softmax_axes", Softmax({1, -1}), {kImage});
  add("softmax_middle_axes", Softmax({1, 2}), {kImage});
  add("thresholded_relu", ReLU({.threshold = 0.3}), {kRow});
  add("prelu", PReLU(), {kImage});
  add("prelu_shared", PReLU({.alpha_regularizer = {.l2 = 0.5}, .shared_axes = {1, 2}}), {kImage});
  // Each activation, far enough from 0 to bend.
  for (int act = 0; act <= int(Act::sparsemax); ++act)
    add("activation_" + std::string(name_of(Act(act))),
        Sequential{Rescaling(8), Activation(Act(act))}, {kRow});
}

}  // namespace mien
