#pragma once

#include "kernels/cuda/moments.cuh"

namespace mien::cuda {

/// Of one number of each lane: the sum over the lanes that are a multiple of `step` apart.
template <int step>
__device__ __forceinline__ float add_lanes(float x) {
  MIEN_UNROLL
  for (int apart = step; apart < 32; apart *= 2) x += __shfl_xor_sync(0xffffffffu, x, apart);
  return x;
}

/// Leaves the moments of a tile's columns where the store says: means of what is stored, and
/// squared distances from them, both from registers. Called by all threads of a block, after math's
/// sums were stored. What a Math tells of them: row_of and column_of, the places in the tile that
/// at(i, j) has; kColumnStep, how far lanes of the same columns are apart; and which of kWarpsDown
/// a thread's warp is.
template <class Tile, class Math, class Store>
__device__ __forceinline__ void put_moments(const Math& math, const Store& store, int z,
                                            int first_row, int first_column) {
  struct Memory {
    float sums[Math::kWarpsDown][Tile::kN], squares[Math::kWarpsDown][Tile::kN];
  };
  static_assert(Tile::kThreads >= Tile::kN);
  auto& memory = shared<Memory>();
  const int thread = opaque(int(threadIdx.x)), down = Math::warp_down(thread);
  const bool writes = thread % 32 < Math::kColumnStep;
  const int left = store.rows - first_row, rows = left < Tile::kM ? left : Tile::kM;
  const float share = 1.0f / float(rows);
  __syncthreads();  // the sum's last step, which lay there, is read
  MIEN_UNROLL
  for (int j = 0; j < Math::kMyColumns; ++j) {
    float sum = 0;
    MIEN_UNROLL
    for (int i = 0; i < Math::kMyRows; ++i)
      sum += Math::row_of(thread, i) < rows ? math.at(i, j) : 0.0f;
    sum = add_lanes<Math::kColumnStep>(sum);
    if (writes) memory.sums[down][Math::column_of(thread, j)] = sum;
  }
  __syncthreads();
  const auto mean_of = [&](int column) {
    float sum = 0;
    MIEN_UNROLL
    for (int warp = 0; warp < Math::kWarpsDown; ++warp) sum += memory.sums[warp][column];
    return sum * share;
  };
  MIEN_UNROLL
  for (int j = 0; j < Math::kMyColumns; ++j) {
    const float mean = mean_of(Math::column_of(thread, j));
    float squares = 0;
    MIEN_UNROLL
    for (int i = 0; i < Math::kMyRows; ++i) {
      const float apart = math.at(i, j) - mean;
      squares += Math::row_of(thread, i) < rows ? apart * apart : 0.0f;
    }
    squares = add_lanes<Math::kColumnStep>(squares);
    if (writes) memory.squares[down][Math::column_of(thread, j)] = squares;
  }
  __syncthreads();
  const int column = first_column + thread;
  if (thread >= Tile::kN || column >= store.columns) return;
  Moments<1> all{{mean_of(thread), 0, float(rows)}};
  MIEN_UNROLL
  for (int warp = 0; warp < Math::kWarpsDown; ++warp) all.at[1] += memory.squares[warp][thread];
  if (store.bias) all.at[0] += store.bias[z * store.bias_stride + column];
  const int channel = z * store.columns + column;
  store.moments.put(unsigned(first_row / Tile::kM), unsigned(channel), channel == 0, all);
}

}  // namespace mien::cuda
