#pragma once

#include "kernels/cpu/simd/simd.h"

// What the kernels of batch normalization share.

namespace mien::cpu::MIEN_ISA {
namespace {

using CodeVec = std::uint8_t __attribute__((vector_size(kLanes)));

/// Columns that a pass holds factors for on its stack; wide enough that rows are read in one run
/// for usual sizes.
constexpr std::int64_t kColumns = 512;
/// One number for each of them, and room for a last vector that is not full.
struct Columns {
  alignas(64) float at[kColumns + kLanes];
};

/// Numbers of places, as integers as wide as floats; kNoGradient is -1.
MIEN_INLINE IntVec load_code(const std::uint8_t* from, std::int64_t n) {
  using Signed = std::int8_t __attribute__((vector_size(kLanes)));
  Signed v{};
  if (n >= kLanes) {
    __builtin_memcpy(&v, from, sizeof v);
  } else {
    for (int i = 0; i < kLanes; ++i)
      if (i < n) v[i] = std::int8_t(from[i]);
  }
  return __builtin_convertvector(v, IntVec);
}
MIEN_INLINE void store_code(std::uint8_t* to, IntVec code, std::int64_t n) {
  const CodeVec v = __builtin_convertvector(code, CodeVec);
  if (n >= kLanes) {
    __builtin_memcpy(to, &v, sizeof v);
  } else {
    for (int i = 0; i < kLanes; ++i)
      if (i < n) to[i] = v[i];
  }
}
MIEN_INLINE Vec load_up_to(const float* from, std::int64_t n) {
  return n >= kLanes ? load(from) : load_some(from, n);
}
MIEN_INLINE void store_up_to(float* to, Vec v, std::int64_t n) {
  if (n >= kLanes) {
    store(to, v);
  } else {
    store_some(to, v, n);
  }
}

/// Calls body(first column, columns) for all c of them, a vector at a time: kLanes, then what is
/// left.
template <class F>
MIEN_INLINE void for_vectors(std::int64_t c, F body) {
  std::int64_t k = 0;
  for (; k + kLanes <= c; k += kLanes) body(k, std::int64_t(kLanes));
  if (k < c) body(k, c - k);
}

template <int kPlaces, bool kOutput>
struct Window {
  static constexpr int places = kPlaces;
  static constexpr bool has_output = kOutput;
  std::int64_t x, y;  // its first element in both
};

/// Calls body(Window) for all places of a piece of work, in order: windows of 4 places, or single
/// ones. Where it pools, an odd last line or column is of no window: single places without output.
template <class F>
MIEN_INLINE void for_windows(const NormShape& s, std::int64_t piece, F body) {
  const std::int64_t begin = piece * s.piece(), end = least(begin + s.piece(), s.strips());
  if (!s.pool) {
    for (std::int64_t row = begin; row < end; ++row) body(Window<1, true>{row * s.c, row * s.c});
    return;
  }
  const std::int64_t line = s.w * s.c, image_strips = (s.h + 1) / 2;
  for (std::int64_t strip = begin; strip < end; ++strip) {
    const std::int64_t image = strip / image_strips, pair = strip % image_strips;
    std::int64_t x = (image * s.h + 2 * pair) * line;
    if (2 * pair + 1 == s.h) {
      for (std::int64_t i = 0; i < s.w; ++i, x += s.c) body(Window<1, false>{x, 0});
      continue;
    }
    std::int64_t y = (image * (s.h / 2) + pair) * (s.w / 2) * s.c;
    for (std::int64_t i = 0; i + 1 < s.w; i += 2, x += 2 * s.c, y += s.c)
      body(Window<4, true>{x, y});
    if (s.w % 2 == 0) continue;
    body(Window<1, false>{x, 0});
    body(Window<1, false>{x + line, 0});
  }
}

/// Where the places of a window lie, in elements from its first one.
struct Places {
  std::int64_t offset[4];
};
MIEN_INLINE Places places_of(const NormShape& s) { return {{0, s.c, s.w * s.c, (s.w + 1) * s.c}}; }

/// total[k] = sum over the pieces of partial[piece * stride + k], k < c: in their order, in double.
MIEN_INLINE void sum_pieces(const float* partial, std::int64_t pieces, std::int64_t stride,
                            std::int64_t c, float* total) {
  constexpr std::int64_t kTile = 64;
  for (std::int64_t first = 0; first < c; first += kTile) {
    const std::int64_t n = least(kTile, c - first);
    double sum[kTile] = {};
    for (std::int64_t piece = 0; piece < pieces; ++piece)
      for (std::int64_t k = 0; k < n; ++k) sum[k] += double(partial[piece * stride + first + k]);
    for (std::int64_t k = 0; k < n; ++k) total[first + k] = float(sum[k]);
  }
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
