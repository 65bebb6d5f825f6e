#pragma once

#include "kernels/cuda/lang.cuh"

// Elements of the types that tensors have, as kernels compute with them: f32, in which bf16 is kept
// too.

namespace mien::cuda {

__device__ __forceinline__ float as_float(float x) { return x; }
__device__ __forceinline__ float as_float(bf16 x) {
  return __uint_as_float(std::uint32_t(x.bits) << 16);
}
__device__ __forceinline__ float as_float(std::int32_t x) { return float(x); }
__device__ __forceinline__ float as_float(std::uint8_t x) { return float(x); }

/// x as a T: to bf16 by rounding to the nearest, ties to even, where NaN stays NaN; to integers
/// towards zero, saturated, where NaN becomes 0.
template <class T>
__device__ __forceinline__ T from_float(float x);
template <>
__device__ __forceinline__ float from_float<float>(float x) {
  return x;
}
template <>
__device__ __forceinline__ bf16 from_float<bf16>(float x) {
  const std::uint32_t bits = __float_as_uint(x);
  if (x != x) return {std::uint16_t((bits >> 16) | 0x40)};
  return {std::uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}
template <>
__device__ __forceinline__ std::int32_t from_float<std::int32_t>(float x) {
  return x != x ? 0 : x >= 0x1p31f ? 0x7fffffff : x <= -0x1p31f ? -0x7fffffff - 1 : std::int32_t(x);
}
template <>
__device__ __forceinline__ std::uint8_t from_float<std::uint8_t>(float x) {
  return x >= 255.0f ? std::uint8_t(255) : x > 0.0f ? std::uint8_t(x) : std::uint8_t(0);
}

}  // namespace mien::cuda
