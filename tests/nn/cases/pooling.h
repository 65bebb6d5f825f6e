#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void pooling_cases(LayerCases& add) {
  using namespace nn;
  add("max_pooling", MaxPooling2D(), {kImage});
  add("max_pooling_same", MaxPooling2D({3, 2}, {.strides = {2, 1}, .padding = same}), {kImage});
  add("average_pooling", AveragePooling2D({2, 3}), {kImage});
  add("average_pooling_same", AveragePooling2D({3, 3}, {.strides = {2, 2}, .padding = same}),
      {kImage});
  add("global_average", GlobalAveragePooling2D(), {kImage});
  add("global_max", GlobalMaxPooling2D({.keepdims = true}), {kImage});
}

}  // namespace mien
