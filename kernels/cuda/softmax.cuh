#pragma once

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/rows.cuh"

namespace mien::cuda {

/// softmax(x) = exp(x - largest) / sum: the largest is taken out first, so that nothing overflows.
struct SoftmaxNorm {
  float largest, sum;
};
/// `x` is the row's first element.
template <int team, class T>
__device__ __forceinline__ SoftmaxNorm softmax_norm(Row<team>& row, const T* x) {
  float largest = __uint_as_float(0xff800000u);  // -infinity
  for (int c = row.lane; c < row.end; c += team) largest = fmaxf(largest, as_float(x[c]));
  largest = row.max(largest);
  float sum = 0;
  for (int c = row.lane; c < row.end; c += team) sum += expf(as_float(x[c]) - largest);
  return {largest, row.sum(sum)};
}

}  // namespace mien::cuda
