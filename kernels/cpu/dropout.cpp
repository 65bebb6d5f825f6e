// Dropout by a counter-based generator: the mask is computed again in the backward, never stored.
#include "kernels/cpu/kernels.h"
#include "mien/base/philox.h"

namespace mien::cpu {

template <class T>
void dropout(const DropoutArgs& a, StreamHandle) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  const T scale = T(1 / (1 - a.rate)), beta = T(a.beta);
  const std::int32_t threshold = dropout_threshold(a.rate);
  constexpr std::int64_t kChunk = 64;
  static_assert(kGrain % kChunk == 0);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; at += kChunk) {
      std::int32_t draws[kChunk];
      for (std::int64_t j = 0; j < kChunk; j += 4) {
        const auto words = philox_block(a.seed, a.stream, std::uint64_t(at + j) / 4);
        for (std::int64_t i = 0; i < 4; ++i)
          draws[j + i] = std::int32_t(words[std::size_t(i)] >> 8);
      }
      const std::int64_t n = end - at < kChunk ? end - at : kChunk;
      // Chosen, not multiplied by 0: NaN and infinity are dropped too.
      T kept[kChunk];
      for (std::int64_t j = 0; j < n; ++j) {
        const T value = scale * x[at + j];
        kept[j] = draws[j] >= threshold ? value : T(0);
      }
      if (beta == 0) {
        for (std::int64_t j = 0; j < n; ++j) y[at + j] = kept[j];
      } else {
        for (std::int64_t j = 0; j < n; ++j) y[at + j] = beta * y[at + j] + kept[j];
      }
    }
  });
}

MIEN_INSTANTIATE(dropout, DropoutArgs);

}  // namespace mien::cpu
