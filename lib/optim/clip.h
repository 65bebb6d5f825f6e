#pragma once

#include <vector>

#include "lib/optim/flat.h"

namespace mien::optim {

/// By what all gradients are to be multiplied.
struct GradientScale {
  double value = 1;    // times
  Tensor on_device{};  // f32 [1], where defined: a device's scale is not waited for
  const float* live() const {
    return on_device.defined() ? static_cast<const float*>(on_device.raw()) : nullptr;
  }
};

/// Clips the gradients as the options say: in place per parameter or element. Returns the part that
/// is left to the update.
GradientScale clip_gradients(std::vector<Flat>& flats, const OptimizerOptions& options);

}  // namespace mien::optim
