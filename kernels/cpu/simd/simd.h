#pragma once

#include <cstddef>
#include <cstdint>

// Vectors of floats as wide as the instruction set that a file is compiled for (-DMIEN_ISA=<isa>),
// in the vector extensions of GCC and Clang. Everything here has internal linkage: the linker keeps
// one copy of an inline function, and it may be the one for a CPU that is not there.

#if defined(__AVX512F__)
#define MIEN_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define MIEN_VECTOR_BYTES 32
#else
#define MIEN_VECTOR_BYTES 16
#endif

#define MIEN_INLINE [[gnu::always_inline]] static inline

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr int kLanes = MIEN_VECTOR_BYTES / 4;
using Vec = float __attribute__((vector_size(MIEN_VECTOR_BYTES)));
using IntVec = std::int32_t __attribute__((vector_size(MIEN_VECTOR_BYTES)));

MIEN_INLINE Vec load(const float* from) {
  Vec v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
MIEN_INLINE void store(float* to, Vec v) { __builtin_memcpy(to, &v, sizeof v); }
/// Stores past the caches, where that is possible; `to` lies on a boundary of whole vectors. After
/// the last one: stream_end().
MIEN_INLINE void stream(float* to, Vec v) {
#if defined(__AVX2__)
  asm volatile("vmovntps %1, %0" : "=m"(*reinterpret_cast<Vec*>(to)) : "v"(v));
#else
  store(to, v);
#endif
}
MIEN_INLINE void stream_end() {
#if defined(__AVX2__)
  asm volatile("sfence" ::: "memory");
#endif
}
/// All lanes the same.
MIEN_INLINE Vec splat(float value) { return value - Vec{}; }

/// The first n of kLanes; the others are 0.
MIEN_INLINE Vec load_some(const float* from, std::int64_t n) {
  Vec v{};
  for (int i = 0; i < kLanes; ++i)
    if (i < n) v[i] = from[i];
  return v;
}
MIEN_INLINE void store_some(float* to, Vec v, std::int64_t n) {
  for (int i = 0; i < kLanes; ++i)
    if (i < n) to[i] = v[i];
}

// std::min and std::max would be shared with other files.
template <class T>
MIEN_INLINE T least(T a, T b) {
  return b < a ? b : a;
}
template <class T>
MIEN_INLINE T most(T a, T b) {
  return a < b ? b : a;
}
MIEN_INLINE std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
