#pragma once

#include "kernels/cuda/emulator/emulator.h"

namespace mien::emu {

/// Lanes that wait for each other in one operation.
struct Warp {
  LaneData lanes[32];
  unsigned mask, arrived;
  unsigned generation;  // operations done
  WarpOp op;
  char order[2];  // what ThreadSanitizer takes for the order that __syncwarp makes
};

/// Computes the results of all lanes of the mask. Returns what is wrong, or nullptr.
const char* compute(Warp& warp);

}  // namespace mien::emu
