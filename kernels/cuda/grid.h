#pragma once

#include <cstdint>

#include "kernels/cuda/rt.h"

// What launchers ask before they launch.

namespace mien::cuda {

/// Blocks for `items` items, one a thread: at most what fills the device several times over; a
/// kernel takes the rest in steps of the whole grid.
inline unsigned blocks_for(std::int64_t items, int threads) {
  const std::int64_t blocks = (items + threads - 1) / threads;
  const std::int64_t most = std::int64_t(properties().sms) * 16;
  return unsigned(blocks < most ? blocks : most);
}

/// Whether an array can be read in groups of so many bytes; null can.
inline bool aligned_to(std::uintptr_t bytes, const void* array) {
  return reinterpret_cast<std::uintptr_t>(array) % bytes == 0;
}

}  // namespace mien::cuda
