#pragma once

#include "kernels/cpu/simd/simd.h"

#if defined(__AVX2__)
#include <immintrin.h>  // the vector extensions have no gather
#endif

namespace mien::cpu::MIEN_ISA {
namespace {

/// In lane i the four bytes at base + at[i].
MIEN_INLINE IntVec gather(const std::uint8_t* base, IntVec at) {
#if defined(__AVX512F__)
  return (IntVec)_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, (__m512i)at, base, 1);
#elif defined(__AVX2__)
  return (IntVec)_mm256_i32gather_epi32(reinterpret_cast<const int*>(base), (__m256i)at, 1);
#else
  IntVec words;
  for (int i = 0; i < kLanes; ++i) {
    std::int32_t word;
    __builtin_memcpy(&word, base + at[i], sizeof word);
    words[i] = word;
  }
  return words;
#endif
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
