#pragma once

#include "kernels/cuda/api.h"
#include "tests/support/catch.h"

namespace mien {

/// The first CUDA device, real or emulated; ends the case as skipped where there is none.
inline Device cuda_or_skip() {
  if (cuda_devices() == 0) MIEN_SKIP("no CUDA device: " + why_no_cuda());
  return {DeviceType::cuda, 0};
}

}  // namespace mien
