#pragma once

#include "kernels/cuda/lang.cuh"

namespace mien::cuda {

/// A sum as two floats: what rounding took from `high` is in `low`. It has about twice the digits
/// of a float, at a few additions for each term, where devices are slow in double.
struct TwoFloat {
  float high = 0, low = 0;

  __device__ __forceinline__ void add(float x) {  // Knuth's TwoSum: exact for any order of size
    const float sum = high + x, added = sum - high;
    low += (high - (sum - added)) + (x - added);
    high = sum;
  }
  __device__ __forceinline__ void add(TwoFloat other) {
    add(other.high);
    low += other.low;
  }
  __device__ __forceinline__ void add_square(float x) {
    const float square = x * x;
    low += fmaf(x, x, -square);
    add(square);
  }
  /// Infinite and NaN where the sum is: low is NaN then.
  __device__ __forceinline__ float value() const {
    const float sum = high + low;
    return sum == sum ? sum : high;
  }
};

}  // namespace mien::cuda
