#pragma once

#include "kernels/cuda/implicit_gemm_bf16.cuh"
#include "kernels/cuda/implicit_gemm_tensor_launch.cuh"

namespace mien::cuda {

// Of a matrix by columns, the widest tile would spill a register.
struct Bf16TilesOfColumns : Bf16Tiles {
  using Wide = Bf16Tiles::Square;
};

template <class GatherA, class GatherB, class T>
void launch_bf16(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum) {
  constexpr bool columns = std::is_same_v<GatherA, Columns<bf16>>;
  using Tiles = std::conditional_t<columns, Bf16TilesOfColumns, Bf16Tiles>;
  launch_tensor<Bf16, Tiles>(job, kind, a, b, store, sum);
}

}  // namespace mien::cuda
