#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void dropout_cases(LayerCases& add) {
  using namespace nn;
  add("dropout", Dropout(0.5), {kRow});
  add("rescaling", Rescaling(1 / 127.5, -1), {kRow});
  add("dropout_rows", Dropout(0.5, {.noise_shape = {-1, 1, 7}}), {{2, 4, 7}});
  add("rescaling_channels", Rescaling({1, 2, 0.5, -1}, {0, 1, 2, 3}), {kImage});
  add("rescaling_scales", Rescaling({1, 2, 0.5, -1}, {1}), {kImage});
}

}  // namespace mien
