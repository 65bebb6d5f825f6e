#include "kernels/cuda/kernels.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {
namespace {

__global__ void __launch_bounds__(32)
    norm_scale_kernel(int n, const double* squares, float limit, float* scale) {
  if (threadIdx.x != 0) return;
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += float(squares[i]);
  const float norm = sqrtf(sum);
  // Not "norm <= limit ? 1": a NaN must not become a scale.
  *scale = norm > limit ? limit / norm : 1.0f;
}

}  // namespace

void norm_scale(const NormScaleArgs& a, StreamHandle stream) {
  launch({.name = "norm_scale", .stream = stream, .grid = dim3(1), .block = dim3(32)},
         norm_scale_kernel, a.n, a.squares, float(a.limit), a.scale);
}

}  // namespace mien::cuda
