#pragma once

#include "kernels/cpu/simd/simd.h"

// Philox 4x32-10 for several blocks at once; see mien/base/philox.h for the definition.

namespace mien::cpu::MIEN_ISA {
namespace {

// 64-bit lanes, each with a 32-bit number in its lower half; the upper half is anything.
using Wide = std::uint64_t __attribute__((vector_size(MIEN_VECTOR_BYTES)));
constexpr int kWideLanes = kLanes / 2;

/// The product of the lower halves. GCC 12 does not find the instruction for it by itself.
MIEN_INLINE Wide multiply_low(Wide a, std::uint32_t b) {
  const Wide factor = std::uint64_t(b) - Wide{};
#if defined(__clang__) || !defined(__AVX2__)
  return (a & 0xffffffffu) * factor;
#elif defined(__AVX512F__)
  using Signed = long long __attribute__((vector_size(64)));
  return Wide(__builtin_ia32_pmuludq512_mask(IntVec(a), IntVec(factor), Signed{}, 0xff));
#else
  return Wide(__builtin_ia32_pmuludq256(IntVec(a), IntVec(factor)));
#endif
}

/// Words of kWideLanes blocks from `block` on, shifted right by 8: 4 kWideLanes numbers.
MIEN_INLINE void philox_draws(std::uint64_t seed, std::uint64_t stream, std::uint64_t block,
                              std::int32_t* to) {
  Wide c0, c1, c2 = stream - Wide{}, c3 = (stream >> 32) - Wide{};
  for (int i = 0; i < kWideLanes; ++i) c0[i] = block + std::uint64_t(i);
  c1 = c0 >> 32;
  auto k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const Wide a = multiply_low(c0, 0xD2511F53u), b = multiply_low(c2, 0xCD9E8D57u);
    c0 = (b >> 32) ^ c1 ^ std::uint64_t(k0);
    c2 = (a >> 32) ^ c3 ^ std::uint64_t(k1);
    c1 = b;
    c3 = a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  // Words side by side, then blocks one after the other.
  const Wide low = (c0 & 0xffffff00u) >> 8 | (c1 & 0xffffff00u) << 24;
  const Wide high = (c2 & 0xffffff00u) >> 8 | (c3 & 0xffffff00u) << 24;
#if MIEN_VECTOR_BYTES == 64
  const Wide first = __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
  const Wide second = __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
#elif MIEN_VECTOR_BYTES == 32
  const Wide first = __builtin_shufflevector(low, high, 0, 4, 1, 5);
  const Wide second = __builtin_shufflevector(low, high, 2, 6, 3, 7);
#else
  const Wide first = __builtin_shufflevector(low, high, 0, 2);
  const Wide second = __builtin_shufflevector(low, high, 1, 3);
#endif
  __builtin_memcpy(to, &first, sizeof first);
  __builtin_memcpy(to + kLanes, &second, sizeof second);
}

/// The random words of a dropout, shifted right by 8, made as they are asked for: little by little,
/// since memory rests meanwhile.
class Draws {
 public:
  static constexpr std::int64_t kMost = 512;  // that can be asked for at once
  [[gnu::always_inline]] Draws(std::uint64_t seed, std::uint64_t stream)
      : seed_(seed), stream_(stream) {}
  /// Those of elements [from, from + n).
  [[gnu::always_inline]] const std::int32_t* at(std::int64_t from, std::int64_t n) {
    if (from < begin_ || from + n > end_) {
      begin_ = from / kAtOnce * kAtOnce;
      end_ = divide_up(from + n, kAtOnce) * kAtOnce;
      for (std::int64_t i = begin_; i < end_; i += kAtOnce)
        philox_draws(seed_, stream_, std::uint64_t(i) / 4, words_ + (i - begin_));
    }
    return words_ + (from - begin_);
  }

 private:
  static constexpr std::int64_t kAtOnce = 2 * kLanes;
  std::uint64_t seed_, stream_;
  std::int64_t begin_ = 0, end_ = 0;
  // What is asked for may lie across; the last few are loaded as a whole vector.
  alignas(64) std::int32_t words_[kMost + 2 * kAtOnce + kLanes];
};

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
