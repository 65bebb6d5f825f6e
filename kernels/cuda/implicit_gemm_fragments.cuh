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

  // Its numbers of the tile, see put_moments.
  static constexpr int kMyRows = 2 * (Tile::kWarpM / 16), kMyColumns = 2 * (Tile::kWarpN / 8);
  static constexpr int kColumnStep = 4, kWarpsDown = Tile::kM / Tile::kWarpM;
  static constexpr int warp_down(int thread) { return thread / 32 / Tile::kWarpsAcross; }
  static constexpr int row_of(int thread, int i) {
    return Tile::row(thread) + 8 * i + thread % 32 / 4;
  }
  static constexpr int column_of(int thread, int j) {
    return Tile::column(thread) + 8 * (j / 2) + thread % 4 * 2 + j % 2;
  }
  __device__ __forceinline__ float at(int i, int j) const {
    return sums_[i / 2][j / 2][i % 2 * 2 + j % 2];
  }

  /// Hands the sums to the store, of a tile that begins at (first_row, first_column).
  template <int vector, class Store>
  __device__ __forceinline__ void put(const Store& store, int z, int first_row,
                                      int first_column) const {
    const int thread = int(threadIdx.x);
    MIEN_UNROLL
    for (int i = 0; i < kMyRows; ++i) {
      const int row = first_row + row_of(thread, i);
      if (row >= store.rows) continue;
      auto* to = store.row(z, row);
      MIEN_UNROLL
      for (int j = 0; j < kAcross; ++j)
        store.template put<vector>(to, z, first_column + column_of(thread, 2 * j),
                                   &sums_[i / 2][j][i % 2 * 2]);
    }
  }

 protected:
  static constexpr int kDown = Tile::kWarpM / 16, kAcross = Tile::kWarpN / 8;

  float sums_[kDown][kAcross][4];
};

}  // namespace mien::cuda
