#pragma once

#include <algorithm>
#include <initializer_list>

#include "kernels/cuda/for_each.cuh"
#include "kernels/cuda/implicit_gemm.cuh"
#include "kernels/cuda/implicit_gemm_ffma.cuh"
#include "kernels/cuda/implicit_gemm_job.cuh"
#include "mien/base/error.h"

// Launches of the implicit GEMM for one pair of gathers; what implicit_gemm_*.cu instantiate.

namespace mien::cuda {

/// Whether copies of 16 bytes are aligned, of what runs along in memory.
inline bool aligned16(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
}
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
void launch_blocks(const char* name, StreamHandle stream, const GatherA& a, const GatherB& b,
                   const Store<T>& store, const Sum& sum, std::int64_t z) {
  using TileA = typename Tile::template A<GatherA::kAlongDepth, vector>;
  using TileB = typename Tile::template B<GatherB::kAlongDepth, vector>;
  const std::int64_t blocks = std::int64_t((store.rows + Tile::kM - 1) / Tile::kM) *
                              ((store.columns + Tile::kN - 1) / Tile::kN) * z * sum.splits;
  MIEN_CHECK(blocks < 0x7fffffff, ShapeError, name, ": too large; got ", store.rows, " x ",
             store.columns, ", ", z, " times");
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned(blocks)),
          .block = dim3(Tile::kThreads),
          .shared = sizeof(Stages<typename Math::Element, TileA, TileB, Tile::kStages>)},
         implicit_gemm_kernel<GatherA, GatherB, Store<T>, Math, Tile, vector>, a, b, store, sum);
}

template <int vector, class GatherA, class GatherB, class T>
void launch_tile(const GemmJob& job, TileKind kind, const GatherA& a, const GatherB& b,
                 const Store<T>& store, const Sum& sum) {
  switch (kind) {
    case TileKind::ffma_128x128:
      // Rows of single elements are short or rare: no tile of that size is made for them.
      if constexpr (vector > 1)
        return launch_blocks<Ffma<Ffma128>, Ffma128, vector>(job.name, job.stream, a, b, store, sum,
                                                             job.z);
      [[fallthrough]];
    case TileKind::ffma_64x64:
      return launch_blocks<Ffma<Ffma64>, Ffma64, vector>(job.name, job.stream, a, b, store, sum,
                                                         job.z);
    case TileKind::ffma_32x32:
      return launch_blocks<Ffma<Ffma32>, Ffma32, vector>(job.name, job.stream, a, b, store, sum,
                                                         job.z);
  }
}

template <int vector, class T>
void add_parts(const GemmJob& job, const Store<T>& store, int splits) {
  for_each(job.name, job.stream, std::int64_t(job.z) * store.rows * (store.columns / vector),
           AddParts<Store<T>, vector>{static_cast<const float*>(job.scratch), store, splits});
}

template <class GatherA, class GatherB, class T>
void implicit_gemm(const GemmJob& job, const GatherA& a, const GatherB& b, const Store<T>& store) {
  if (store.rows == 0 || store.columns == 0 || job.z == 0) return;
  const int k = facts(job.plan.tile).k;
  const int steps_of_tap = (job.depth + k - 1) / k;
  const std::int64_t steps = std::int64_t(steps_of_tap) * job.taps_down * job.taps_across;
  MIEN_CHECK(steps < 0x7fffffff, ShapeError, job.name, ": too large; got sums of ", job.depth,
             " elements, ", std::int64_t(job.taps_down) * job.taps_across, " times");
  const int splits = job.plan.splits;
  const Sum sum{.taps_down = job.taps_down,
                .taps_across = std::max(job.taps_across, 1),  // a divisor
                .depth = job.depth,
                .steps_of_tap = std::max(steps_of_tap, 1),
                .steps = int(steps),
                .steps_of_split = int((steps + splits - 1) / splits),
                .splits = splits};
  // Copies that turn an operand round are of single elements anyway.
  const bool vectors = (GatherA::kAlongDepth || has_vectors(a, job.depth)) &&
                       (GatherB::kAlongDepth || has_vectors(b, job.depth)) && has_vectors(store);
  const auto run = [&](const auto& to) {
    vectors ? launch_tile<4>(job, job.plan.tile, a, b, to, sum)
            : launch_tile<1>(job, job.plan.tile, a, b, to, sum);
  };
  if (splits == 1) return run(store);
  run(Store<float>{.y = static_cast<float*>(job.scratch),
                   .bias = nullptr,
                   .z_stride = std::int64_t(store.rows) * store.columns,
                   .image = 0,
                   .rows = store.rows,
                   .columns = store.columns,
                   .bias_stride = 0,
                   .places = 0,
                   .width = 0,
                   .line = store.columns,
                   .pixel = 0,
                   .beta = 0,
                   .relu = false});
  vectors ? add_parts<4>(job, store, splits) : add_parts<1>(job, store, splits);
}

}  // namespace mien::cuda
