#pragma once

#include "kernels/cuda/implicit_gemm_tensor_launch.cuh"
#include "kernels/cuda/implicit_gemm_tf32.cuh"

namespace mien::cuda {

template <class GatherA, class GatherB, class T>
void launch_tf32(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum) {
  launch_tensor<Tf32, Tf32Tiles>(job, kind, a, b, store, sum);
}

}  // namespace mien::cuda
