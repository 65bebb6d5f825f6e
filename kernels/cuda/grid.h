#pragma once

#include <cstdint>

#include "kernels/cuda/rt.h"

// What launchers ask before they launch.

namespace mien::cuda {

/// Whether an array can be read in groups of so many bytes; null can.
inline bool aligned_to(std::uintptr_t bytes, const void* array) {
  return reinterpret_cast<std::uintptr_t>(array) % bytes == 0;
}

}  // namespace mien::cuda
