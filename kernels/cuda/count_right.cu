#include "kernels/cuda/kernels.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {
namespace {

constexpr int kThreads = 256;

struct Tally {
  std::int32_t right[kThreads], bad[kThreads];
};

__device__ __forceinline__ int largest(const float* row, int cols) {
  int at = 0;
  float most = row[0];
  for (int c = 1; c < cols; ++c) {
    const float value = row[c];
    if (value > most) {
      most = value;
      at = c;
    }
  }
  return at;
}

struct Judge {
  int cols;
  TargetForm form;
  const float *x, *targets;

  // 1 where the row is right, 0 where it is wrong, -1 where its target is no class
  __device__ int operator()(std::int64_t r) const {
    const float* row = x + r * cols;
    if (form == TargetForm::rows) return largest(row, cols) == largest(targets + r * cols, cols);
    const float target = targets[r];
    const bool one = row[0] > 0.5f;
    if (form == TargetForm::binary) return (target > 0.5f) == one;
    if (form == TargetForm::exact) return target == (one ? 1.0f : 0.0f);
    if (!(target >= 0 && target < float(cols) && target == floorf(target))) return -1;
    return largest(row, cols) == int(target);
  }
};

// One block, so that the counts have one writer: a batch has few rows.
__global__ void __launch_bounds__(kThreads)
    count_right_kernel(std::int64_t rows, Judge judge, std::int32_t* counts) {
  Tally& all = shared<Tally>();
  std::int32_t right = 0, bad = 0;
  for (std::int64_t r = threadIdx.x; r < rows; r += kThreads) {
    const int verdict = judge(r);
    right += verdict == 1;
    bad += verdict < 0;
  }
  all.right[threadIdx.x] = right;
  all.bad[threadIdx.x] = bad;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      all.right[threadIdx.x] += all.right[threadIdx.x + half];
      all.bad[threadIdx.x] += all.bad[threadIdx.x + half];
    }
  }
  if (threadIdx.x == 0) {
    counts[0] += all.right[0];
    counts[1] += all.bad[0];
  }
}

}  // namespace

void count_right(const CountRightArgs& a, StreamHandle stream) {
  if (a.rows == 0) return;
  launch({.name = "count_right",
          .stream = stream,
          .grid = dim3(1),
          .block = dim3(kThreads),
          .shared = sizeof(Tally)},
         count_right_kernel, a.rows,
         Judge{int(a.cols), a.form, static_cast<const float*>(a.x),
               static_cast<const float*>(a.targets)},
         a.counts);
}

}  // namespace mien::cuda
