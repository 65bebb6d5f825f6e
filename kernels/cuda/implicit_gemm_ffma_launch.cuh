#pragma once

#include "kernels/cuda/implicit_gemm_ffma.cuh"
#include "kernels/cuda/implicit_gemm_ffma_teams.cuh"
#include "kernels/cuda/implicit_gemm_launch.cuh"

namespace mien::cuda {

template <int vector, class GatherA, class GatherB, class T>
void launch_ffma_tile(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                      const Store<T>& store, const Sum& sum) {
  switch (kind) {
    case TileKind::ffma_144x128:
      if constexpr (vector > 1)
        return launch_blocks<Ffma<Ffma144>, Ffma144, vector>(job, a, b, store, sum);
      [[fallthrough]];
    case TileKind::ffma_128x128:
      // Rows of single elements are short or rare: no tile of that size is made for them.
      if constexpr (vector > 1)
        return launch_blocks<Ffma<Ffma128>, Ffma128, vector>(job, a, b, store, sum);
      [[fallthrough]];
    case TileKind::ffma_64x64:
      return launch_blocks<Ffma<Ffma64>, Ffma64, vector>(job, a, b, store, sum);
    case TileKind::ffma_16x16:
      return launch_blocks<FfmaTeams<FfmaTeamsTile>, FfmaTeamsTile, vector>(job, a, b, store, sum);
    default:
      return launch_blocks<Ffma<Ffma32>, Ffma32, vector>(job, a, b, store, sum);
  }
}

template <class GatherA, class GatherB, class T>
void launch_ffma(const GemmJob& job, TileKind kind, bool vectors, const GatherA& a,
                 const GatherB& b, const Store<T>& store, const Sum& sum) {
  vectors ? launch_ffma_tile<4>(job, kind, a, b, store, sum)
          : launch_ffma_tile<1>(job, kind, a, b, store, sum);
}

}  // namespace mien::cuda
