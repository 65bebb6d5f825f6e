// The implicit GEMM: what its kernels are asked to do, and the sum of the parts of a split one.
#include <algorithm>

#include "kernels/cuda/for_each.cuh"
#include "kernels/cuda/implicit_gemm_launch.cuh"

namespace mien::cuda {
namespace {

template <int vector, class T>
void add_parts(const GemmJob& job, const Store<T>& store, int splits) {
  for_each(job.name, job.stream, std::int64_t(job.z) * store.rows * (store.columns / vector),
           AddParts<Store<T>, vector>{static_cast<const float*>(job.scratch), store, splits});
}

}  // namespace

template <class GatherA, class GatherB, class T>
void implicit_gemm(const GemmJob& job, const GatherA& a, const GatherB& b, const Store<T>& store) {
  if (store.rows == 0 || store.columns == 0 || job.z == 0) return;
  const bool vectors_a = has_vectors(a, job.depth), vectors_b = has_vectors(b, job.depth);
  constexpr bool half = std::is_same_v<typename GatherA::Element, bf16>;
  TileKind kind = job.plan.tile;
  // The plan knows the shape; where arrays begin is known now.
  if (facts(kind).math == MatmulMath::tf32 && !(vectors_a && vectors_b && has_vectors(store)))
    kind = TileKind::ffma_64x64;
  const int k = facts(kind).k;
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
  // Exact ones turn operands that lie along the depth, by copies of single elements.
  const bool vectors = (GatherA::kAlongDepth || vectors_a) && (GatherB::kAlongDepth || vectors_b) &&
                       has_vectors(store);
  const auto run = [&](const auto& to) {
    if constexpr (half) {
      launch_bf16(job, kind, a, b, to, sum);
    } else {
      facts(kind).math == MatmulMath::tf32 ? launch_tf32(job, kind, a, b, to, sum)
                                           : launch_ffma(job, kind, vectors, a, b, to, sum);
    }
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

template void implicit_gemm(const GemmJob&, const Patches<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Patches<bf16>&, const Columns<bf16>&,
                            const Store<bf16>&);
template void implicit_gemm(const GemmJob&, const Patches<bf16>&, const Columns<bf16>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Patches<float>&, const Rows<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Patches<bf16>&, const Rows<bf16>&,
                            const Store<bf16>&);
template void implicit_gemm(const GemmJob&, const Patches<bf16>&, const Rows<bf16>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const PatchColumns<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const PatchColumns<bf16>&, const Columns<bf16>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<bf16>&, const Columns<bf16>&,
                            const Store<bf16>&);
template void implicit_gemm(const GemmJob&, const Columns<bf16>&, const Columns<bf16>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<float>&, const Rows<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<bf16>&, const Rows<bf16>&,
                            const Store<bf16>&);
template void implicit_gemm(const GemmJob&, const Columns<bf16>&, const Rows<bf16>&,
                            const Store<float>&);

}  // namespace mien::cuda
