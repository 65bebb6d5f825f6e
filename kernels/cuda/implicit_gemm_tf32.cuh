#pragma once

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {

/// TF32 on the tensor cores: factors are rounded to 10 bits of fraction, to the nearest, as they
/// come from shared memory; sums are f32.
template <class Tile>
class Tf32 {
 public:
  using Element = float;
  static constexpr int kStoreVector = 2;
  static constexpr bool kTurnsOperands = false;

  __device__ Tf32() {
    MIEN_UNROLL
    for (int i = 0; i < kDown; ++i) {
      MIEN_UNROLL
      for (int j = 0; j < kAcross; ++j) {
        MIEN_UNROLL
        for (int part = 0; part < 4; ++part) sums_[i][j][part] = 0;
      }
    }
  }

  template <class TileA, class TileB>
  __device__ __forceinline__ void multiply(const float* a, const float* b) {
    const int thread = int(threadIdx.x), lane = thread % 32;
    MIEN_NO_UNROLL  // reading ahead would take more registers than two blocks have
        for (int k = 0; k < Tile::kK; k += 8) {
      std::uint32_t left[kDown][4], right[kAcross][2];
      MIEN_UNROLL
      for (int i = 0; i < kDown; ++i) {
        MIEN_UNROLL
        for (int part = 0; part < 4; ++part)
          left[i][part] =
              to_tf32(a[Tile::template a_index<TileA>(lane, Tile::row(thread) + 16 * i, k, part)]);
      }
      MIEN_UNROLL
      for (int j = 0; j < kAcross; ++j) {
        MIEN_UNROLL
        for (int part = 0; part < 2; ++part)
          right[j][part] = to_tf32(
              b[Tile::template b_index<TileB>(lane, Tile::column(thread) + 8 * j, k, part)]);
      }
      MIEN_UNROLL
      for (int i = 0; i < kDown; ++i) {
        MIEN_UNROLL
        for (int j = 0; j < kAcross; ++j) mma_tf32(sums_[i][j], left[i], right[j]);
      }
    }
  }

  /// Hands the sums to the store, of a tile that begins at (first_row, first_column).
  template <int vector, class Store>
  __device__ __forceinline__ void put(const Store& store, int z, int first_row,
                                      int first_column) const {
    const int thread = int(threadIdx.x), lane = thread % 32;
    MIEN_UNROLL
    for (int i = 0; i < 2 * kDown; ++i) {
      const int row = first_row + Tile::row(thread) + 8 * i + lane / 4;
      if (row >= store.rows) continue;
      auto* at = store.row(z, row);
      MIEN_UNROLL
      for (int j = 0; j < kAcross; ++j)
        store.template put<vector>(at, z,
                                   first_column + Tile::column(thread) + 8 * j + lane % 4 * 2,
                                   &sums_[i / 2][j][i % 2 * 2]);
    }
  }

 private:
  static constexpr int kDown = Tile::kWarpM / 16, kAcross = Tile::kWarpN / 8;

  float sums_[kDown][kAcross][4];
};

}  // namespace mien::cuda
