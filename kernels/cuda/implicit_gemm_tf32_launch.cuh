#pragma once

#include "kernels/cuda/implicit_gemm_launch.cuh"
#include "kernels/cuda/implicit_gemm_tf32.cuh"

namespace mien::cuda {

template <class GatherA, class GatherB, class T>
void launch_tf32(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum) {
  switch (kind) {
    case TileKind::tf32_144x128:
      return launch_blocks<Tf32<Tf32Wide>, Tf32Wide, 4>(job, a, b, store, sum);
    case TileKind::tf32_128x128:
      return launch_blocks<Tf32<Tf32Square>, Tf32Square, 4>(job, a, b, store, sum);
    case TileKind::tf32_128x64:
      return launch_blocks<Tf32<Tf32Narrow>, Tf32Narrow, 4>(job, a, b, store, sum);
    case TileKind::tf32_128x128_short:
      return launch_blocks<Tf32<Tf32Short>, Tf32Short, 4>(job, a, b, store, sum);
    default:
      return launch_blocks<Tf32<Tf32Small>, Tf32Small, 4>(job, a, b, store, sum);
  }
}

}  // namespace mien::cuda
