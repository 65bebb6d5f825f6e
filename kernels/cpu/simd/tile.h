#pragma once

#include "kernels/cpu/simd/simd.h"

// The register tile that every product of this folder is made of: some rows of the result times one
// or two vectors of columns, held in registers while k runs. The right operand's row k lies at
// b + k * b_stride: kPanel for packed panels. The left one is read where it lies, value by value.
// Whole panels through a plain call: multiply() in kernels.h.

namespace mien::cpu::MIEN_ISA {
namespace {

// Rows of the tallest tile: two vectors of sums for each, two of b and one of a fill the registers.
// From 4 rows up the multipliers are busy, so rows are best shared out evenly: tile_rows().
#if defined(__AVX512F__)
constexpr int kTileRows = 14;
#elif defined(__AVX2__)
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 12;
#endif
constexpr int kPanel = 2 * kLanes;

#if defined(__clang__)
#define MIEN_UNROLL _Pragma("unroll")
#else
#define MIEN_UNROLL _Pragma("GCC unroll 32")
#endif

/// Keeps a value in a register: GCC folds the loads of an unrolled loop back into the operations,
/// once for each use.
MIEN_INLINE void hold(Vec& v) {
#if defined(__AVX512F__)
  asm("" : "+v"(v));
#elif defined(__AVX2__)
  asm("" : "+x"(v));
#elif defined(__aarch64__)
  asm("" : "+w"(v));
#endif
}

/// Has the value live on to here: Clang would write a product's sum over its last factor, and then
/// move the sums from register to register.
MIEN_INLINE void outlive([[maybe_unused]] Vec v) {
#if defined(__clang__) && defined(__AVX512F__)
  asm volatile("" : : "v"(v));
#elif defined(__clang__) && defined(__AVX2__)
  asm volatile("" : : "x"(v));
#elif defined(__clang__) && defined(__aarch64__)
  asm volatile("" : : "w"(v));
#endif
}

/// Rows of the next tile where `rows` are left.
MIEN_INLINE int tile_rows(std::int64_t rows) {
  return int(divide_up(rows, divide_up(rows, kTileRows)));
}

template <int kRows, int kVecs>
struct Tile {
  Vec sum[kRows][kVecs];
};

template <int kRows, int kVecs>
MIEN_INLINE void clear(Tile<kRows, kVecs>& t) {
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    MIEN_UNROLL
    for (int v = 0; v < kVecs; ++v) t.sum[r][v] = Vec{};
  }
}

/// One step of k: sum[r] += a(r) * b.
template <int kRows, int kVecs, class A>
MIEN_INLINE void add_step(Tile<kRows, kVecs>& t, const A& a, const float* b) {
  Vec from[kVecs];
  MIEN_UNROLL
  for (int v = 0; v < kVecs; ++v) {
    from[v] = load(b + v * kLanes);
    hold(from[v]);
  }
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    Vec x = splat(*a(r));
    hold(x);
    MIEN_UNROLL
    for (int v = 0; v < kVecs; ++v) t.sum[r][v] += x * from[v];
    outlive(x);
  }
  MIEN_UNROLL
  for (int v = 0; v < kVecs; ++v) outlive(from[v]);
}

/// sum += a b over k steps; row r of a lies at a[r], contiguous in k.
template <int kRows, int kVecs>
MIEN_INLINE void add_rows(Tile<kRows, kVecs>& t, const float* const (&a)[kRows], const float* b,
                          std::int64_t b_stride, std::int64_t k) {
  constexpr int kUnroll = 4;
  std::int64_t i = 0;
  for (; i + kUnroll <= k; i += kUnroll, b += kUnroll * b_stride) {
    MIEN_UNROLL
    for (int u = 0; u < kUnroll; ++u)
      add_step(
          t, [&](int r) { return a[r] + i + u; }, b + u * b_stride);
  }
  for (; i < k; ++i, b += b_stride)
    add_step(
        t, [&](int r) { return a[r] + i; }, b);
}

/// The same for an a that lies transposed: value (r, k) at a[k * a_stride + r].
template <int kRows, int kVecs>
MIEN_INLINE void add_columns(Tile<kRows, kVecs>& t, const float* a, std::int64_t a_stride,
                             const float* b, std::int64_t b_stride, std::int64_t k) {
  constexpr int kUnroll = 4;
  std::int64_t i = 0;
  for (; i + kUnroll <= k; i += kUnroll, a += kUnroll * a_stride, b += kUnroll * b_stride) {
    MIEN_UNROLL
    for (int u = 0; u < kUnroll; ++u)
      add_step(
          t, [&](int r) { return a + u * a_stride + r; }, b + u * b_stride);
  }
  for (; i < k; ++i, a += a_stride, b += b_stride)
    add_step(
        t, [&](int r) { return a + r; }, b);
}

/// c[r] = beta c[r] + bias + sum[r], the first `columns` (above (kVecs - 1) * kLanes) of it; does
/// not read c where beta is 0. bias: null for none.
template <int kRows, int kVecs>
MIEN_INLINE void finish(const Tile<kRows, kVecs>& t, float* const (&c)[kRows], float beta,
                        const float* bias, std::int64_t columns) {
  constexpr int kLast = kVecs - 1;
  const std::int64_t rest = columns - kLast * kLanes;
  MIEN_UNROLL
  for (int v = 0; v < kVecs; ++v) {
    const bool whole = v < kLast || rest == kLanes;
    const Vec add = !bias   ? Vec{}
                    : whole ? load(bias + v * kLanes)
                            : load_some(bias + v * kLanes, rest);
    MIEN_UNROLL
    for (int r = 0; r < kRows; ++r) {
      float* to = c[r] + v * kLanes;
      Vec value = t.sum[r][v] + add;
      if (whole) {
        if (beta != 0) value += splat(beta) * load(to);
        store(to, value);
      } else {
        if (beta != 0) value += splat(beta) * load_some(to, rest);
        store_some(to, value, rest);
      }
    }
  }
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
