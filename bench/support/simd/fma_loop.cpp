#include "kernels/cpu/simd/simd.h"

// Fused multiply-adds and nothing else: the most that one core can do. Compiled once per
// instruction set, as kernels/cpu/simd.

namespace mien::cpu::MIEN_ISA {

// Enough chains to keep two units of a latency of 4 (5 on some) busy, few enough for 16 registers.
constexpr int kChains = 12;

double fma_loop(std::int64_t rounds, float* out) {
  Vec sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = splat(float(i));
  // Unknown to the compiler, so that nothing is worked out beforehand.
  volatile float factor = 0.5f, summand = 1.0f;
  const Vec a = splat(factor), b = splat(summand);
  for (std::int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * a + b;
  for (int i = 0; i < kChains; ++i) store(out + i * kLanes, sums[i]);
  return 2.0 * double(rounds) * kChains * kLanes;
}

}  // namespace mien::cpu::MIEN_ISA
