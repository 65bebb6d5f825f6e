#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void preprocessing_cases(LayerCases& add) {
  using namespace nn;
  const Interpolation nearest = Interpolation::nearest;
  add("normalization", Normalization(), {kImage});
  add("normalization_axes", Normalization({.axis = {-1, 1}}), {kImage});
  add("normalization_whole", Normalization({.axis = {}}), {kImage});
  add("normalization_given", Normalization({.mean = {1, 2, 3, 4}, .variance = {4, 1, 0.25, 9}}),
      {kImage});
  add("normalization_inverted", Normalization({.mean = {0.5}, .variance = {0.25}, .invert = true}),
      {kRow});
  add("resizing", Resizing(8, 9), {kImage});
  add("resizing_smaller", Resizing(3, 4), {kImage});
  add("resizing_mixed", Resizing(2, 11), {kImage});
  add("resizing_nearest", Resizing(7, 4, {.interpolation = nearest}), {kImage});
  add("resizing_cropped", Resizing(4, 2, {.crop_to_aspect_ratio = true}), {kImage});
  add("resizing_cropped_wide",
      Resizing(4, 9, {.interpolation = nearest, .crop_to_aspect_ratio = true}), {kImage});
  add("resizing_padded", Resizing(6, 3, {.pad_to_aspect_ratio = true, .fill_value = 0.5}),
      {kImage});
  add("resizing_padded_wide", Resizing(3, 9, {.pad_to_aspect_ratio = true}), {kImage});
  add("center_crop", CenterCrop(2, 3), {kImage});
  add("center_crop_larger", CenterCrop(7, 4), {kImage});
}

}  // namespace mien
