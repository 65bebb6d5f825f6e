#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void pooling1d_cases(LayerCases& add) {
  using namespace nn;
  const Shape steps{2, 9, 4};
  add("max_pooling1d", MaxPooling1D(), {steps});
  add("max_pooling1d_same", MaxPooling1D(3, {.strides = 2, .padding = same}), {steps});
  add("average_pooling1d", AveragePooling1D(3), {steps});
  add("average_pooling1d_same", AveragePooling1D(4, {.strides = 3, .padding = same}), {steps});
  add("global_average1d", GlobalAveragePooling1D(), {steps});
  add("global_average1d_kept", GlobalAveragePooling1D({.keepdims = true}), {steps});
  add("global_max1d", GlobalMaxPooling1D(), {steps});
  add("global_max1d_kept", GlobalMaxPooling1D({.keepdims = true}), {steps});
}

}  // namespace mien
