#pragma once

#include "kernels/cuda/implicit_gemm_launch.cuh"
#include "kernels/cuda/implicit_gemm_tiles.h"

namespace mien::cuda {

/// Queues the kernel of a tile on the tensor cores, which is one of Tiles.
template <template <class> class Math, class Tiles, class GatherA, class GatherB, class T>
void launch_tensor(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                   const Store<T>& store, const Sum& sum) {
  const auto run = [&](auto tile) {
    using Tile = decltype(tile);
    constexpr int vector = 16 / int(sizeof(typename Math<Tile>::Element));
    launch_blocks<Math<Tile>, Tile, vector>(job, a, b, store, sum);
  };
  switch (kind) {
    case TileKind::tf32_144x128:
    case TileKind::bf16_144x128:
      return run(typename Tiles::Wide());
    case TileKind::tf32_128x128:
    case TileKind::bf16_128x128:
      return run(typename Tiles::Square());
    case TileKind::tf32_128x64:
    case TileKind::bf16_128x64:
      return run(typename Tiles::Narrow());
    case TileKind::tf32_128x128_short:
    case TileKind::bf16_128x128_short:
      return run(typename Tiles::Short());
    default:
      return run(typename Tiles::Small());
  }
}

}  // namespace mien::cuda
