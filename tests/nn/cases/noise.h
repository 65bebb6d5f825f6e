#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void noise_cases(LayerCases& add) {
  using namespace nn;
  add("gaussian_noise", GaussianNoise(0.3), {kRow});
  add("gaussian_dropout", GaussianDropout(0.4), {kRow});
  add("alpha_dropout", AlphaDropout(0.3), {kRow});
  add("spatial_dropout1d", SpatialDropout1D(0.5), {{2, 5, 3}});
  add("spatial_dropout2d", SpatialDropout2D(0.5), {kImage});
  add("activity_regularization", ActivityRegularization(), {kRow});
}

}  // namespace mien
