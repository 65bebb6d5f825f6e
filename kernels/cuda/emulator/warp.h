#pragma once

#include "kernels/cuda/emulator/emulator.h"

namespace mien::emu {

/// Lanes that wait for each other in one operation.
struct Meeting {
  unsigned mask, arrived;
  WarpOp op;
  char* order;  // what ThreadSanitizer takes for the order that __syncwarp makes
};

struct Warp {
  LaneData lanes[32];
  // Under way: of different lanes, where a warp is split. No vector: it would move them by memmove,
  // where ThreadSanitizer looks.
  Meeting meetings[32];
  int under_way = 0;
  unsigned begun = 0;  // meetings since the block began
  char orders[2][8];   // for meetings by turns, by parity of the block
};

/// The meeting with this mask and operation, begun where there is none yet; `me` is the lane's bit.
/// nullptr where lanes then wait for each other in two operations, for ever.
Meeting* join(Warp& warp, unsigned mask, WarpOp op, unsigned me, int parity);
/// Ends one of the warp's meetings.
inline void end(Warp& warp, Meeting& meeting) { meeting = warp.meetings[--warp.under_way]; }
/// Computes the results of all lanes of the mask. Returns what is wrong, or nullptr.
const char* compute(Warp& warp, const Meeting& meeting);

}  // namespace mien::emu
