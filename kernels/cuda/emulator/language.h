#pragma once

#include <math.h>  // expf and the like, outside std as in CUDA

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/cuda/emulator/emulator.h"

// What of CUDA C++ kernels use without a wrapper of lang.cuh, for the host's compiler.

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned width = 1, unsigned height = 1, unsigned depth = 1)
      : x(width), y(height), z(depth) {}
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// Set by the emulator whenever a thread goes on.
inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;

inline void __syncthreads() { mien::emu::barrier(); }
inline void __syncwarp(unsigned mask = ~0u) {
  mien::emu::exchange(mask, mien::emu::WarpOp::sync, {});
}

namespace mien::emu {
template <class T>
T shuffle(unsigned mask, T value, unsigned source) {
  static_assert(sizeof(T) == 4);
  LaneData lane{};
  std::memcpy(lane.in, &value, 4);
  lane.source = source;
  const LaneData got = exchange(mask, WarpOp::shuffle, lane);
  std::memcpy(&value, got.out, 4);
  return value;
}
}  // namespace mien::emu

template <class T>
T __shfl_sync(unsigned mask, T value, int source) {
  return mien::emu::shuffle(mask, value, unsigned(source) & 31);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int other) {
  return mien::emu::shuffle(mask, value, mien::emu::lane() ^ unsigned(other));
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta) {
  const unsigned source = mien::emu::lane() + delta;
  return mien::emu::shuffle(mask, value, source > 31 ? mien::emu::lane() : source);
}
namespace mien::emu {
inline void multiply_fragments(WarpOp op, float (&c)[4], const std::uint32_t (&a)[4],
                               const std::uint32_t (&b)[2]) {
  LaneData lane{};
  std::memcpy(lane.in, a, sizeof a);
  std::memcpy(lane.in + 4, b, sizeof b);
  std::memcpy(lane.in + 6, c, sizeof c);
  const LaneData got = exchange(~0u, op, lane);
  std::memcpy(c, got.out, sizeof c);
}
inline void load_matrices(std::uint32_t (&out)[4], const void* row, bool transposed) {
  LaneData lane{};
  check_shared(row, 16, "ldmatrix");
  const auto* words = static_cast<const std::uint32_t*>(row);
  for (int i = 0; i < 4; ++i) lane.in[i] = words[i];
  lane.source = transposed;
  const LaneData got = exchange(~0u, WarpOp::ldmatrix, lane);
  std::memcpy(out, got.out, sizeof out);
}
/// Queues a kernel's run in a stream; see rt.h.
void enqueue(void* stream, const char* kernel, std::function<void()> work);
}  // namespace mien::emu

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  mien::emu::LaneData lane{};
  lane.in[0] = predicate != 0;
  return mien::emu::exchange(mask, mien::emu::WarpOp::ballot, lane).out[0];
}

inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((std::uint64_t(a) * b) >> 32); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
