#pragma once

#include "kernels/cuda/implicit_gemm_gathers.cuh"
#include "kernels/cuda/implicit_gemm_plan.h"
#include "kernels/cuda/implicit_gemm_store.cuh"

namespace mien::cuda {

/// What an implicit GEMM computes besides its gathers and its store.
struct GemmJob {
  const char* name;  // for errors
  StreamHandle stream;
  GemmPlan plan;
  void* scratch;  // of parts_bytes()
  int z, taps_down, taps_across, depth;
};

/// store(sum over taps and depth of a b), for each of z. Defined for the pairs that gemm and conv2d
/// use: (Patches, Columns), (Patches, Rows), (Columns, Columns), (Columns, Rows), (PatchColumns,
/// Columns). Of bf16, the result is bf16 or f32, and has_vectors() must hold of gathers and store.
template <class GatherA, class GatherB, class T>
void implicit_gemm(const GemmJob& job, const GatherA& a, const GatherB& b, const Store<T>& store);

}  // namespace mien::cuda
