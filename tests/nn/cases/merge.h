#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void merge_cases(LayerCases& add) {
  using namespace nn;
  add("add", Add(), {kImage, kImage, {2, 1, 1, 4}});
  add("concatenate", Concatenate(), {kImage, {2, 5, 6, 1}});
  add("concatenate_rows", Concatenate(1), {kImage, {2, 2, 6, 4}});
}

}  // namespace mien
