#pragma once

#include "kernels/cuda/rows.cuh"

namespace mien::cuda {

/// softmax(x) = exp(x - largest) / sum: the largest is taken out first, so that nothing overflows.
struct SoftmaxNorm {
  float largest, sum;
};
/// `x` is the row's first element.
template <int team>
__device__ __forceinline__ SoftmaxNorm softmax_norm(Row<team>& row, const float* x) {
  float largest = __uint_as_float(0xff800000u);  // -infinity
  for (int c = row.lane; c < row.end; c += team) largest = fmaxf(largest, x[c]);
  largest = row.max(largest);
  float sum = 0;
  for (int c = row.lane; c < row.end; c += team) sum += expf(x[c] - largest);
  return {largest, row.sum(sum)};
}

}  // namespace mien::cuda
