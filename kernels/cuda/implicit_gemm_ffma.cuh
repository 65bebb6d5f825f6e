#pragma once

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {

/// Exact f32: every product is made and summed, in the order of the depth.
template <class Tile>
class Ffma {
 public:
  using Element = float;
  static constexpr int kStoreVector = 4;

  __device__ Ffma() {
    MIEN_UNROLL
    for (int i = 0; i < kRows; ++i) {
      MIEN_UNROLL
      for (int j = 0; j < kColumns; ++j) sums_[i][j] = 0;
    }
  }

  // Its numbers of the tile, see put_moments.
  static constexpr int kMyRows = 4 * Tile::kRowBlocks, kMyColumns = 4 * Tile::kColumnBlocks;
  static constexpr int kColumnStep = Tile::kLanesAcross;
  static constexpr int kWarpsDown = Tile::kThreads / 32 / Tile::kWarpsAcross;
  static constexpr int warp_down(int thread) { return thread / 32 / Tile::kWarpsAcross; }
  static constexpr int row_of(int thread, int i) { return Tile::row(thread, i / 4) + i % 4; }
  static constexpr int column_of(int thread, int j) { return Tile::column(thread, j / 4) + j % 4; }
  __device__ __forceinline__ float at(int i, int j) const { return sums_[i][j]; }

  template <class TileA, class TileB>
  __device__ __forceinline__ void multiply(const float* a, const float* b) {
    // Not all unrolled: the compiler would read ahead into registers that it must then spill, the
    // more where both operands are turned. The other warps have enough to do while one waits.
    if constexpr (TileA::kTurned && TileB::kTurned) {
      MIEN_NO_UNROLL
      for (int k = 0; k < Tile::kK; ++k) add(a, b, k);
    } else {
      MIEN_UNROLL_TWO
      for (int k = 0; k < Tile::kK; ++k) add(a, b, k);
    }
  }

  /// Hands the sums to the store, of a tile that begins at (first_row, first_column).
  template <int vector, class Store>
  __device__ __forceinline__ void put(const Store& store, int z, int first_row,
                                      int first_column) const {
    const int thread = int(threadIdx.x);
    MIEN_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const int row = first_row + row_of(thread, i);
      if (row >= store.rows) continue;
      auto* to = store.row(z, row);
      MIEN_UNROLL
      for (int j = 0; j < kColumns; j += vector)
        store.template put<vector>(to, z, first_column + column_of(thread, j), &sums_[i][j]);
    }
  }

 private:
  static constexpr int kRows = kMyRows, kColumns = kMyColumns;

  __device__ __forceinline__ void add(const float* a, const float* b, int k) {
    const int thread = int(threadIdx.x);
    float left[kRows], right[kColumns];
    MIEN_UNROLL
    for (int block = 0; block < Tile::kRowBlocks; ++block)
      load(left + 4 * block, a + Tile::a_index(thread, k, block));
    MIEN_UNROLL
    for (int block = 0; block < Tile::kColumnBlocks; ++block)
      load(right + 4 * block, b + Tile::b_index(thread, k, block));
    MIEN_UNROLL
    for (int i = 0; i < kRows; ++i) {
      MIEN_UNROLL
      for (int j = 0; j < kColumns; ++j) sums_[i][j] += left[i] * right[j];
    }
  }
  __device__ __forceinline__ static void load(float* to, const float* from) {
    const float4 all = *reinterpret_cast<const float4*>(from);
    to[0] = all.x, to[1] = all.y, to[2] = all.z, to[3] = all.w;
  }

  float sums_[kRows][kColumns];
};

}  // namespace mien::cuda
