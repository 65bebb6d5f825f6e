#pragma once

#include "kernels/cpu/simd/simd.h"

namespace mien::cpu::MIEN_ISA {
namespace {

/// The first halves of a and b, and their second halves, value by value in turn.
MIEN_INLINE Vec zip_low(Vec a, Vec b) {
#if MIEN_VECTOR_BYTES == 64
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif MIEN_VECTOR_BYTES == 32
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}
MIEN_INLINE Vec zip_high(Vec a, Vec b) {
#if MIEN_VECTOR_BYTES == 64
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
#elif MIEN_VECTOR_BYTES == 32
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

/// Turns a square of vectors in place.
MIEN_INLINE void transpose(Vec (&rows)[kLanes]) {
  // A perfect shuffle moves one bit of the index from the row to the column.
  for (int round = 1; round < kLanes; round *= 2) {
    Vec next[kLanes];
    for (int i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = zip_low(rows[i], rows[i + kLanes / 2]);
      next[2 * i + 1] = zip_high(rows[i], rows[i + kLanes / 2]);
    }
    for (int i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
