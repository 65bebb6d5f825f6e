#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/philox.h"
#include "kernels/cpu/simd/simd.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// The value that is chosen, not multiplied by 0: NaN and infinity are dropped too.
MIEN_INLINE Vec kept(Vec x, const std::int32_t* draws, std::int32_t threshold, float scale) {
  IntVec draw;
  __builtin_memcpy(&draw, draws, sizeof draw);
  return draw >= threshold ? x * scale : Vec{};
}

}  // namespace

void dropout(const DropoutArgs& a, StreamHandle) {
  constexpr std::int64_t kGrain = 32 * Draws::kMost;
  const float* x = static_cast<const float*>(a.x);
  float* y = static_cast<float*>(a.y);
  const float scale = float(1 / (1 - a.rate)), beta = float(a.beta);
  const std::int32_t threshold = dropout_threshold(a.rate);
  const std::uint64_t seed = a.seed, stream = a.stream;
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    Draws draws(seed, stream);
    for (std::int64_t first = begin; first < end; first += Draws::kMost) {
      const std::int64_t last = least(first + Draws::kMost, end);
      const std::int32_t* draw = draws.at(first, last - first) - first;
      std::int64_t i = first;
      for (; i + kLanes <= last; i += kLanes) {
        Vec value = kept(load(x + i), draw + i, threshold, scale);
        if (beta != 0) value += beta * load(y + i);
        store(y + i, value);
      }
      if (i == last) continue;
      Vec value = kept(load_some(x + i, last - i), draw + i, threshold, scale);
      if (beta != 0) value += beta * load_some(y + i, last - i);
      store_some(y + i, value, last - i);
    }
  });
}

}  // namespace mien::cpu::MIEN_ISA
