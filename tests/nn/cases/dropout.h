#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void dropout_cases(LayerCases& add) {
  using namespace nn;
  add("dropout", Dropout(0.5), {kRow});
  add("rescaling", Rescaling(1 / 127.5, -1), {kRow});
}

}  // namespace mien
