#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void shape_layers_cases(LayerCases& add) {
  using namespace nn;
  add("flatten", Flatten(), {kImage});
  add("reshape", Reshape({4, -1, 3}), {kImage});
  add("flatten_row", Flatten(), {kRow});
  add("flatten_numbers", Flatten(), {{3}});
  add("permute", Permute({3, 1, 2}), {kImage});
  add("repeat_vector", RepeatVector(3), {kRow});
  add("zero_padding", ZeroPadding2D({1, 0, 2, 1}), {kImage});
  add("cropping", Cropping2D({1, 0, 2, 1}), {kImage});
  add("cropping_none", Cropping2D(), {kImage});
  add("up_sampling", UpSampling2D({2, 3}), {kImage});
  add("up_sampling_bilinear", UpSampling2D({2, 2}, {.interpolation = Interpolation::bilinear}),
      {kImage});
}

}  // namespace mien
