#pragma once

#include "kernels/cuda/implicit_gemm_fragments.cuh"
#include "kernels/cuda/implicit_gemm_tiles.h"

namespace mien::cuda {

/// bf16 on the tensor cores: products are exact.
template <class Tile>
class Bf16 : public FragmentSums<Tile> {
 public:
  using Element = bf16;

  template <class TileA, class TileB>
  __device__ __forceinline__ void multiply(const bf16* a, const bf16* b) {
    const int thread = int(threadIdx.x), lane = thread % 32;
    MIEN_NO_UNROLL  // as in Tf32
        for (int k = 0; k < Tile::kK; k += 16) {
      std::uint32_t left[kDown][4], right[kPairs][4];
      MIEN_UNROLL
      for (int i = 0; i < kDown; ++i)
        ldmatrix_x4<!TileA::kByRow>(
            left[i], a + Tile::template a_index<TileA>(lane, Tile::row(thread) + 16 * i, k));
      MIEN_UNROLL
      for (int j = 0; j < kPairs; ++j)
        ldmatrix_x4<!TileB::kByRow>(
            right[j], b + Tile::template b_index<TileB>(lane, Tile::column(thread) + 16 * j, k));
      MIEN_UNROLL
      for (int i = 0; i < kDown; ++i) {
        MIEN_UNROLL
        for (int j = 0; j < kPairs; ++j) {
          mma_bf16(this->sums_[i][2 * j], left[i], {right[j][0], right[j][1]});
          mma_bf16(this->sums_[i][2 * j + 1], left[i], {right[j][2], right[j][3]});
        }
      }
    }
  }

 private:
  using FragmentSums<Tile>::kDown;
  static constexpr int kPairs = FragmentSums<Tile>::kAcross / 2;
};

}  // namespace mien::cuda
