#pragma once

#include "kernels/cuda/lang.cuh"

namespace mien::cuda {

/// What a thread has of the result on the tensor cores: its numbers of its warp's fragments, each
/// of 16 x 8, summed in f32. Tile: a Tf32Tile.
template <class Tile>
class FragmentSums {
 public:
  static constexpr int kStoreVector = 2;

  __device__ FragmentSums() {
    MIEN_UNROLL
    for (int i = 0; i < kDown; ++i) {
      MIEN_UNROLL
      for (int j = 0; j < kAcross; ++j) {
        MIEN_UNROLL
        for (int part = 0; part < 4; ++part) sums_[i][j][part] = 0;
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

 protected:
  static constexpr int kDown = Tile::kWarpM / 16, kAcross = Tile::kWarpN / 8;

  float sums_[kDown][kAcross][4];
};

}  // namespace mien::cuda
