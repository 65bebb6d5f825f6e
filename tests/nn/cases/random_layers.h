#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void random_layers_cases(LayerCases& add) {
  using namespace nn;
  const Interpolation nearest = Interpolation::nearest;
  add("random_flip", RandomFlip(FlipMode::horizontal), {kImage});
  add("random_flip_both", RandomFlip(), {kImage});
  add("random_contrast", RandomContrast(0.3, 0.6, {.value_range = {-1, 1}}), {kImage});
  add("random_crop", RandomCrop(3, 4), {kImage});
  add("random_crop_larger", RandomCrop(7, 4), {kImage});
  // Ranges of one number, so that there is nothing to draw.
  add("random_rotation_training", RandomRotation({0.1, 0.1}), {kImage});
  add("random_rotation_wrap_training", RandomRotation({-0.3, -0.3}, {.fill_mode = FillMode::wrap}),
      {kImage});
  add("random_translation_training", RandomTranslation({0.25, 0.25}, {-0.7, -0.7}), {kImage});
  add("random_translation_constant_training",
      RandomTranslation({-0.25, -0.25}, {0.3, 0.3},
                        {.fill_mode = FillMode::constant, .fill_value = 0.7}),
      {kImage});
  add("random_translation_wrap_training",
      RandomTranslation({0.9, 0.9}, {-0.35, -0.35},
                        {.fill_mode = FillMode::wrap, .interpolation = nearest}),
      {kImage});
  add("random_zoom_training", RandomZoom({0.4, 0.4}, {}, {.fill_mode = FillMode::nearest}),
      {kImage});
  add("random_zoom_in_training", RandomZoom({-0.4, -0.4}, FactorRange(0.7, 0.7)), {kImage});
  add("random_brightness_training", RandomBrightness({0.1, 0.1}, {.value_range = {-1, 1}}),
      {kImage});
}

}  // namespace mien
