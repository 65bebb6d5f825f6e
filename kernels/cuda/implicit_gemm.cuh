#pragma once

#include "kernels/cuda/implicit_gemm_gathers.cuh"
#include "kernels/cuda/implicit_gemm_moments.cuh"
#include "kernels/cuda/implicit_gemm_plan.h"
#include "kernels/cuda/implicit_gemm_store.cuh"

// One kernel for matrix products and convolutions: the sum over k of A(m, k) B(k, n), where A and B
// are matrices that need not exist. Their elements are gathered into shared memory by asynchronous
// copies, several steps ahead of the arithmetic.

namespace mien::cuda {

/// The stages of the pipeline, in shared memory.
template <class T, class TileA, class TileB, int stages>
struct Stages {
  alignas(128) T a[stages][TileA::kElements];
  alignas(128) T b[stages][TileB::kElements];
};

/// Block (z, split, tile_m, tile_n) computes a tile of result z, or of the part of its sum that the
/// split has: then the store counts z * splits + split as z.
template <class GatherA, class GatherB, class Epilogue, class Math, class Tile, int vector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocksPerSm)
    implicit_gemm_kernel(GatherA a, GatherB b, Epilogue store, Sum sum) {
  using TileA = typename Tile::template A<GatherA::kAlongDepth, vector>;
  using TileB = typename Tile::template B<GatherB::kAlongDepth, vector>;
  using Element = typename Math::Element;
  auto& stages = shared<Stages<Element, TileA, TileB, Tile::kStages>>();

  const int across = (store.columns + Tile::kN - 1) / Tile::kN;
  const int down = (store.rows + Tile::kM - 1) / Tile::kM;
  const int block = int(blockIdx.x);
  const int first_column = block % across * Tile::kN, first_row = block / across % down * Tile::kM;
  const int part = block / across / down, z = part / sum.splits;
  const int begin = part % sum.splits * sum.steps_of_split;
  // The smaller phases of a strided gradient may have fewer steps than parts.
  const int left = sum.steps > begin ? sum.steps - begin : 0;
  const int steps = left < sum.steps_of_split ? left : sum.steps_of_split;

  Step next = sum.at(begin, Tile::kK);
  typename GatherA::template Loader<TileA> load_a(a, z, first_row, next);
  typename GatherB::template Loader<TileB> load_b(b, z, first_column, next);
  const auto copy_stage = [&](unsigned step, unsigned stage) {
    if (step < unsigned(steps)) {
      load_a.copy(a, next, sum.depth, stages.a[stage]);
      load_b.copy(b, next, sum.depth, stages.b[stage]);
      load_a.advance(a);
      load_b.advance(b);
      sum.advance(next, Tile::kK);
    }
    cp_commit();  // empty ones too: the wait below counts groups
  };

  MIEN_UNROLL
  for (unsigned stage = 0; stage < Tile::kStages - 1; ++stage) copy_stage(stage, stage);
  Math math;
  for (unsigned step = 0; step < unsigned(steps); ++step) {
    cp_wait<Tile::kStages - 2>();
    __syncthreads();  // this step's copies of all threads are there, and the step before is read
    copy_stage(step + Tile::kStages - 1, (step + Tile::kStages - 1) % Tile::kStages);
    math.template multiply<TileA, TileB>(stages.a[step % Tile::kStages],
                                         stages.b[step % Tile::kStages]);
  }
  cp_wait<0>();
  constexpr int stored = Math::kStoreVector < vector ? Math::kStoreVector : vector;
  math.template put<stored>(store, part, first_row, first_column);
  if constexpr (GatherA::kAlongDepth && !GatherB::kAlongDepth) {  // of a layer's result
    if (store.moments.at) put_moments<Tile>(math, store, part, first_row, first_column);
  }
}

/// Adds up the parts of a split sum in their order: [z][split][row][column].
template <class Epilogue, int vector>
struct AddParts {
  const float* parts;
  Epilogue store;
  int splits;
  __device__ void operator()(std::int64_t i) const {
    const int vectors = store.columns / vector, column = int(i % vectors) * vector;
    const std::int64_t row_of_all = i / vectors;
    const int row = int(row_of_all % store.rows), z = int(row_of_all / store.rows);
    const std::int64_t part = std::int64_t(store.rows) * store.columns;
    const float* from =
        parts + (std::int64_t(z) * splits) * part + std::int64_t(row) * store.columns + column;
    float sums[vector];
    MIEN_UNROLL
    for (int j = 0; j < vector; ++j) sums[j] = 0;
    for (int split = 0; split < splits; ++split, from += part) {
      if constexpr (vector == 4) {
        const float4 all = *reinterpret_cast<const float4*>(from);
        sums[0] += all.x, sums[1] += all.y, sums[2] += all.z, sums[3] += all.w;
      } else {
        MIEN_UNROLL
        for (int j = 0; j < vector; ++j) sums[j] += from[j];
      }
    }
    store.template put<vector>(store.row(z, row), z, column, sums);
  }
};

}  // namespace mien::cuda
