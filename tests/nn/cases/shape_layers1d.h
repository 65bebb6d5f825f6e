#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void shape_layers1d_cases(LayerCases& add) {
  using namespace nn;
  const Shape steps{2, 5, 3};
  add("zero_padding1d", ZeroPadding1D({2, 1}), {steps});
  add("cropping1d", Cropping1D({1, 2}), {steps});
  add("cropping1d_end", Cropping1D({0, 1}), {steps});
  add("up_sampling1d", UpSampling1D(3), {steps});
}

}  // namespace mien
