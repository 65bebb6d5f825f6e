#pragma once

#include "kernels/cuda/implicit_gemm_fragments.cuh"
#include "kernels/cuda/implicit_gemm_tiles.h"

namespace mien::cuda {

/// TF32 on the tensor cores: factors are rounded to 10 bits of fraction, to the nearest, as they
/// come from shared memory.
template <class Tile>
class Tf32 : public FragmentSums<Tile> {
 public:
  using Element = float;

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
        for (int j = 0; j < kAcross; ++j) mma_tf32(this->sums_[i][j], left[i], right[j]);
      }
    }
  }

 private:
  using FragmentSums<Tile>::kDown, FragmentSums<Tile>::kAcross;
};

}  // namespace mien::cuda
