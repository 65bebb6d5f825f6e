#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void merge_cases(LayerCases& add) {
  using namespace nn;
  add("add", Add(), {kImage, kImage, {2, 1, 1, 4}});
  add("add_ranks", Add(), {kImage, {2, 4}});
  add("add_one", Add(), {kImage});
  add("subtract", Subtract(), {kImage, {2, 6, 4}});
  add("multiply", Multiply(), {kImage, {2, 1, 1, 4}, {2, 5, 6, 1}});
  add("average", nn::Average(), {kImage, kImage, {2, 5, 1, 1}});
  add("maximum", Maximum(), {kImage, kImage, {2, 4}});
  add("minimum", Minimum(), {kImage, {2, 1, 6, 1}});
  add("dot_vectors", Dot(1), {kRow, kRow});
  add("dot_cosine", Dot(-1, {.normalize = true}), {kRow, {3, 2, 7}});
  add("dot_axes", Dot({1, 2}), {{2, 3, 5}, {2, 4, 3}});
  add("dot_images", Dot({2, -1}, {.normalize = true}), {kImage, {2, 2, 3, 6}});
  add("concatenate", Concatenate(), {kImage, {2, 5, 6, 1}});
  add("concatenate_rows", Concatenate(1), {kImage, {2, 2, 6, 4}});
}

}  // namespace mien
