// gemm: the matrix product, an implicit GEMM of matrices that exist.
#include "kernels/cuda/gemm.h"

#include "kernels/cuda/implicit_gemm_job.cuh"
#include "kernels/cuda/kernels.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

// Products into one y are taps of one sum.
bool summed(const GemmArgs& g) { return g.y_stride == 0; }

// Whether 16 bytes can be read at a time, wherever the arrays begin.
bool has_vectors(const GemmArgs& g) {
  const std::int64_t strides = g.a_stride | g.c_stride | g.y_stride;
  return ((g.trans_a ? g.m : g.k) | (g.trans_c ? g.k : g.n) | g.n | strides) % 4 == 0;
}

GemmShape shape_of(const GemmArgs& g) {
  return {.m = g.m,
          .n = g.n,
          .z = summed(g) ? 1 : g.batch,
          .taps = summed(g) ? g.batch : 1,
          .depth = g.k,
          .math = has_vectors(g) ? g.math : MatmulMath::exact};
}

template <class T>
Patches<T> rows_of_a(const GemmArgs& g) {
  return {.x = static_cast<const T*>(g.a),
          .z_stride = summed(g) ? 0 : g.a_stride,
          .rows = int(g.m),
          .places = 1,
          .width = 1,
          .h = 1,
          .w = 1,
          .image = int(g.k),
          .line = 0,
          .pixel = 0,
          .step_y = 0,
          .step_x = 0,
          .first_y = 0,
          .first_x = 0,
          .tap_y = 0,
          .tap_x = 0,
          .tap_line = summed(g) ? g.a_stride : 0,
          .tap_pixel = 0};
}
template <class T>
Rows<T> rows_of_c(const GemmArgs& g) {
  return {.x = static_cast<const T*>(g.c),
          .z_stride = summed(g) ? 0 : g.c_stride,
          .rows = int(g.n),
          .row = int(g.k),
          .tap_line = summed(g) ? g.c_stride : 0,
          .tap_pixel = 0};
}
template <class T>
Columns<T> columns_of(const void* x, std::int64_t columns, std::int64_t stride, bool sum) {
  return {.x = static_cast<const T*>(x),
          .z_stride = sum ? 0 : stride,
          .columns = int(columns),
          .line = int(columns),
          .tap_line = sum ? stride : 0,
          .tap_pixel = 0};
}

}  // namespace

GemmPlan gemm_plan(const GemmArgs& g) { return plan_gemm(shape_of(g)); }
std::size_t gemm_scratch(const GemmArgs& g, const GemmPlan& plan) {
  return parts_bytes(shape_of(g), plan);
}

template <class T>
void gemm(const GemmArgs& g, const GemmPlan& plan, StreamHandle stream) {
  if (g.m == 0 || g.n == 0) return;
  const GemmShape shape = shape_of(g);
  MIEN_CHECK(g.k < (1 << 24) && g.n < (1 << 24), ShapeError,
             "gemm: at most 2^24 columns of its factors on a CUDA device; got ", g.k, " and ", g.n);
  const GemmJob job{.name = "gemm",
                    .stream = stream,
                    .plan = plan,
                    .scratch = g.scratch,
                    .z = int(shape.z),
                    .taps_down = int(shape.taps),
                    .taps_across = 1,
                    .depth = int(g.k)};
  const Store<T> store{.y = static_cast<T*>(g.y),
                       .bias = static_cast<const float*>(g.bias),
                       .z_stride = g.y_stride,
                       .image = 0,
                       .rows = int(g.m),
                       .columns = int(g.n),
                       .bias_stride = 0,
                       .places = 0,
                       .width = 0,
                       .line = int(g.n),
                       .pixel = 0,
                       .beta = float(g.beta),
                       .relu = false};
  const auto multiply = [&](const auto& a) {
    g.trans_c ? implicit_gemm(job, a, rows_of_c<T>(g), store)
              : implicit_gemm(job, a, columns_of<T>(g.c, g.n, g.c_stride, summed(g)), store);
  };
  g.trans_a ? multiply(columns_of<T>(g.a, g.m, g.a_stride, summed(g))) : multiply(rows_of_a<T>(g));
}

template <class T>
std::size_t gemm_scratch(const GemmArgs& g) {
  return gemm_scratch(g, gemm_plan(g));
}
template <class T>
void gemm(const GemmArgs& g, StreamHandle stream) {
  gemm<T>(g, gemm_plan(g), stream);
}

template void gemm<float>(const GemmArgs&, const GemmPlan&, StreamHandle);
template std::size_t gemm_scratch<float>(const GemmArgs&);
template void gemm<float>(const GemmArgs&, StreamHandle);

}  // namespace mien::cuda
