#pragma once

#include "kernels/device_api.h"

namespace mien::cuda {

inline constexpr int kJoins = 7;

/// Numbers that each thread of blocks of 96 gets: the sum and the maximum of the block's x, 1 where
/// threads were joined in their order, the sums of the warp's x, of the x and of ones of each 8
/// lanes, and x itself. x: [blocks, 96], y: [blocks, 96, kJoins].
void join_threads(int blocks, const float* x, float* y, StreamHandle stream);

}  // namespace mien::cuda
