#pragma once

#include "kernels/cuda/emulator/emulator.h"

namespace mien::emu {

/// Lanes that wait for each other in one operation.
struct Warp {
  LaneData lanes[32];
  unsigned mask, arrived;
  unsigned generation;  // operations done
  WarpOp op;
  // What ThreadSanitizer takes for the order that __syncwarp makes, by parity of the block and of
  // the operation's number.
  char order[2][2];
};

/// Computes the results of all lanes of the mask. Returns what is wrong, or nullptr.
const char* compute(Warp& warp);

}  // namespace mien::emu
