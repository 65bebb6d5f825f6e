#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/cuda/lang.cuh"

// Reductions over the lanes of a warp and over the threads of a block, in an order that is fixed by
// the number of threads alone. T is any plain struct of 4-byte words; op(a, b) joins what lower
// threads gave (a) with what higher ones gave (b), and must be associative up to rounding.

namespace mien::cuda {

inline constexpr int kWarp = 32;

struct Add {
  // Never contracted with a product that made a or b: lanes would round differently.
  __device__ float operator()(float a, float b) const { return __fadd_rn(a, b); }
  __device__ float2 operator()(float2 a, float2 b) const {
    return make_float2(__fadd_rn(a.x, b.x), __fadd_rn(a.y, b.y));
  }
};
/// The other one where one is a NaN.
struct Max {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

/// The value of lane `lane ^ other`. All lanes of the warp call it.
template <class T>
__device__ __forceinline__ T shuffle_xor(T value, int other) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 4 == 0);
  unsigned words[sizeof(T) / 4];
  memcpy(words, &value, sizeof(T));
  for (unsigned& word : words) word = __shfl_xor_sync(~0u, word, other);
  memcpy(&value, words, sizeof(T));
  return value;
}

/// Joins the values of each `width` lanes in a row (a power of 2); each of them gets the result,
/// all the same bits. All lanes of the warp call it.
template <int width = kWarp, class T, class Op>
__device__ __forceinline__ T warp_reduce(T value, Op op) {
  static_assert(width > 0 && width <= kWarp && (width & (width - 1)) == 0);
  for (int other = 1; other < width; other *= 2) {
    const T theirs = shuffle_xor(value, other);
    value = threadIdx.x & unsigned(other) ? op(theirs, value) : op(value, theirs);
  }
  return value;
}

/// Joins the values of all threads of a block of `threads` (a multiple of 32, along x); each gets
/// the result. All threads call it; `scratch` is shared memory, free again when it returns.
template <int threads, class T, class Op>
__device__ __forceinline__ T block_reduce(T value, Op op, T (&scratch)[threads / kWarp]) {
  static_assert(threads % kWarp == 0 && threads <= 1024);
  value = warp_reduce(value, op);
  if constexpr (threads > kWarp) {
    if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = value;
    __syncthreads();
    value = scratch[0];
    for (int warp = 1; warp < threads / kWarp; ++warp) value = op(value, scratch[warp]);
    __syncthreads();
  }
  return value;
}

}  // namespace mien::cuda
