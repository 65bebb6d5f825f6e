#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void dense_cases(LayerCases& add) {
  using namespace nn;
  add("dense",
      Dense(5, {.activation = Act::tanh,
                .kernel_regularizer = {.l2 = 0.01},
                .bias_regularizer = {.l1 = 0.1}}),
      {kRow});
  add("dense_softmax",
      Dense(3, {.activation = Act::softmax, .use_bias = false, .kernel_initializer = he_normal()}),
      {{2, 4, 7}});
}

}  // namespace mien
