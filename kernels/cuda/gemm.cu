// gemm: the matrix product, an implicit GEMM of matrices that exist.
#include "kernels/cuda/gemm.h"

#include "kernels/cuda/implicit_gemm_job.cuh"
#include "kernels/cuda/kernels.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

// Products into one y are taps of one sum.
bool summed(const GemmArgs& g) { return g.y_stride == 0; }

// Whether so many elements can be read at a time, wherever the arrays begin.
bool has_vectors(const GemmArgs& g, int vector) {
  const std::int64_t strides = g.a_stride | g.c_stride | g.y_stride;
  return ((g.trans_a ? g.m : g.k) | (g.trans_c ? g.k : g.n) | g.n | strides) % vector == 0;
}

template <class T>
GemmShape shape_of(const GemmArgs& g) {
  constexpr bool half = std::is_same_v<T, bf16>;
  return {.m = g.m,
          .n = g.n,
          .z = summed(g) ? 1 : g.batch,
          .taps = summed(g) ? g.batch : 1,
          .depth = g.k,
          .math = !half && has_vectors(g, 4) ? g.math : MatmulMath::exact,
          .operands = half ? DType::bf16 : DType::f32};
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

// Y: of the result.
template <class T, class Y>
void multiply(const GemmArgs& g, const GemmPlan& plan, StreamHandle stream) {
  const GemmShape shape = shape_of<T>(g);
  const GemmJob job{.name = "gemm",
                    .stream = stream,
                    .plan = plan,
                    .scratch = g.scratch,
                    .z = int(shape.z),
                    .taps_down = int(shape.taps),
                    .taps_across = 1,
                    .depth = int(g.k)};
  const Store<Y> store{.y = static_cast<Y*>(g.y),
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
  const auto times_c = [&](const auto& a) {
    g.trans_c ? implicit_gemm(job, a, rows_of_c<T>(g), store)
              : implicit_gemm(job, a, columns_of<T>(g.c, g.n, g.c_stride, summed(g)), store);
  };
  g.trans_a ? times_c(columns_of<T>(g.a, g.m, g.a_stride, summed(g))) : times_c(rows_of_a<T>(g));
}

}  // namespace

template <class T>
GemmPlan gemm_plan(const GemmArgs& g) {
  return plan_gemm(shape_of<T>(g));
}
std::size_t gemm_scratch(const GemmArgs& g, const GemmPlan& plan) {
  return parts_bytes(shape_of<float>(g), plan);
}
bool fits_bf16(const GemmArgs& g) { return has_vectors(g, 8) && aligned16(g.a, g.c, g.y); }

template <class T>
void gemm(const GemmArgs& g, const GemmPlan& plan, StreamHandle stream) {
  if (g.m == 0 || g.n == 0) return;
  MIEN_CHECK(g.k < (1 << 24) && g.n < (1 << 24), ShapeError,
             "gemm: at most 2^24 columns of its factors on a CUDA device; got ", g.k, " and ", g.n);
  g.y_f32 ? multiply<T, float>(g, plan, stream) : multiply<T, T>(g, plan, stream);
}

template <>
std::size_t gemm_scratch<float>(const GemmArgs& g) {
  return gemm_scratch(g, gemm_plan<float>(g));
}
template <>
void gemm<float>(const GemmArgs& g, StreamHandle stream) {
  gemm<float>(g, gemm_plan<float>(g), stream);
}

template GemmPlan gemm_plan<float>(const GemmArgs&);
template GemmPlan gemm_plan<bf16>(const GemmArgs&);
template void gemm<float>(const GemmArgs&, const GemmPlan&, StreamHandle);
template void gemm<bf16>(const GemmArgs&, const GemmPlan&, StreamHandle);

}  // namespace mien::cuda
