#pragma once

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {

/// Exact f32 of a tile so small that the block's threads share the depth too: each team has all of
/// the tile and a part of every step, and at the end the teams' sums are added in their order. A
/// small product so fills many multiprocessors without parts in memory and a second launch.
template <class Tile>
class FfmaTeams {
 public:
  using Element = float;
  static constexpr int kStoreVector = 1;

  __device__ FfmaTeams() {
    MIEN_UNROLL
    for (int i = 0; i < 4; ++i) {
      MIEN_UNROLL
      for (int j = 0; j < 4; ++j) sums_[i][j] = 0;
    }
  }

  // Its number of the tile, which it has once they were put; see put_moments.
  static constexpr int kMyRows = 1, kMyColumns = 1;
  static constexpr int kColumnStep = Tile::kN, kWarpsDown = Tile::kThreads / 32;
  static constexpr int warp_down(int thread) { return thread / 32; }
  static constexpr int row_of(int thread, int) { return thread / Tile::kN; }
  static constexpr int column_of(int thread, int) { return thread % Tile::kN; }
  __device__ __forceinline__ float at(int, int) const { return sum_; }

  template <class TileA, class TileB>
  __device__ __forceinline__ void multiply(const float* a, const float* b) {
    const int thread = int(threadIdx.x);
    MIEN_UNROLL
    for (int k = 0; k < Tile::kK / Tile::kTeams; ++k) {
      const float4 left = *reinterpret_cast<const float4*>(a + Tile::a_index(thread, k, 0));
      const float4 right = *reinterpret_cast<const float4*>(b + Tile::b_index(thread, k, 0));
      add(0, left.x, right);
      add(1, left.y, right);
      add(2, left.z, right);
      add(3, left.w, right);
    }
  }

  /// Hands the sums to the store, of a tile that begins at (first_row, first_column).
  template <int vector, class Store>
  __device__ __forceinline__ void put(const Store& store, int z, int first_row, int first_column) {
    constexpr int kTile = Tile::kM * Tile::kN;
    static_assert(kTile == Tile::kThreads && vector == 1);
    const int thread = int(threadIdx.x);
    float* teams = &shared<float>();  // [team][row][column]
    __syncthreads();                  // all have read the last step, which lay there
    MIEN_UNROLL
    for (int i = 0; i < 4; ++i)
      *reinterpret_cast<float4*>(teams + Tile::team(thread) * kTile +
                                 (Tile::row(thread, 0) + i) * Tile::kN + Tile::column(thread, 0)) =
          make_float4(sums_[i][0], sums_[i][1], sums_[i][2], sums_[i][3]);
    __syncthreads();
    sum_ = 0;
    MIEN_UNROLL
    for (int team = 0; team < Tile::kTeams; ++team) sum_ += teams[team * kTile + thread];
    const int row = first_row + row_of(thread, 0);
    if (row >= store.rows) return;
    store.template put<1>(store.row(z, row), z, first_column + column_of(thread, 0), &sum_);
  }

 private:
  __device__ __forceinline__ void add(int i, float left, const float4& right) {
    sums_[i][0] += left * right.x;
    sums_[i][1] += left * right.y;
    sums_[i][2] += left * right.z;
    sums_[i][3] += left * right.w;
  }

  float sums_[4][4], sum_;
};

}  // namespace mien::cuda
