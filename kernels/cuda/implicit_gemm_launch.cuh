#pragma once

#include <initializer_list>

#include "kernels/cuda/implicit_gemm.cuh"
#include "kernels/cuda/implicit_gemm_job.cuh"
#include "mien/base/error.h"

// Launches of the implicit GEMM for one pair of gathers. The kernels of a Math are instantiated in
// implicit_gemm_<math>_<gather>.cu, which takes the compiler some time.

namespace mien::cuda {

/// Whether copies of 16 bytes are aligned, of what runs along in memory.
template <class T>
bool multiples(std::initializer_list<std::int64_t> strides) {
  for (const std::int64_t each : strides)
    if (each * std::int64_t(sizeof(T)) % 16 != 0) return false;
  return true;
}
template <class T>
bool has_vectors(const Patches<T>& g, int depth) {
  return aligned16(g.x) &&
         multiples<T>({depth, g.z_stride, g.image, g.line, g.pixel, g.tap_line, g.tap_pixel});
}
template <class T>
bool has_vectors(const Rows<T>& g, int depth) {
  return aligned16(g.x) && multiples<T>({depth, g.z_stride, g.row, g.tap_line, g.tap_pixel});
}
template <class T>
bool has_vectors(const Columns<T>& g, int) {
  return aligned16(g.x) && multiples<T>({g.columns, g.z_stride, g.line, g.tap_line, g.tap_pixel});
}
template <class T>
bool has_vectors(const PatchColumns<T>& g, int) {
  return aligned16(g.x) && multiples<T>({g.channels, g.z_stride, g.image, g.line, g.pixel});
}
template <class T>
bool has_vectors(const Store<T>& s) {
  return aligned16(s.y) && multiples<T>({s.columns, s.z_stride, s.image, s.line, s.pixel});
}

template <class Math, class Tile, int vector, class GatherA, class GatherB, class T>
void launch_blocks(const GemmJob& job, const GatherA& a, const GatherB& b, const Store<T>& store,
                   const Sum& sum) {
  using TileA = typename Tile::template A<GatherA::kAlongDepth, vector>;
  using TileB = typename Tile::template B<GatherB::kAlongDepth, vector>;
  const std::int64_t blocks = std::int64_t((store.rows + Tile::kM - 1) / Tile::kM) *
                              ((store.columns + Tile::kN - 1) / Tile::kN) * job.z * sum.splits;
  MIEN_CHECK(blocks < 0x7fffffff, ShapeError, job.name, ": too large; got ", store.rows, " x ",
             store.columns, ", ", job.z, " times");
  launch({.name = job.name,
          .stream = job.stream,
          .grid = dim3(unsigned(blocks)),
          .block = dim3(Tile::kThreads),
          .shared = sizeof(Stages<typename Math::Element, TileA, TileB, Tile::kStages>)},
         implicit_gemm_kernel<GatherA, GatherB, Store<T>, Math, Tile, vector>, a, b, store, sum);
}

/// Queues the kernel of a tile in exact f32, for these gathers and this store. `vectors`: copies
/// along rows of the result and stores are of 16 bytes.
template <class GatherA, class GatherB, class T>
void launch_ffma(const GemmJob& job, TileKind kind, bool vectors, const GatherA& a,
                 const GatherB& b, const Store<T>& store, const Sum& sum);
/// The same in TF32, where all copies and stores are of 16 bytes.
template <class GatherA, class GatherB, class T>
void launch_tf32(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum);
/// The same of bf16.
template <class GatherA, class GatherB, class T>
void launch_bf16(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum);

}  // namespace mien::cuda
