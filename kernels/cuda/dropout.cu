// Dropout by a counter-based generator: the mask is computed again in the backward, never stored.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/map.cuh"
#include "mien/base/philox.h"

namespace mien::cuda {
namespace {

template <class T>
struct Dropout {
  const T* x;
  T* y;
  float scale, beta;
  std::int32_t threshold;
  std::uint64_t seed, stream;
  const std::uint64_t* stream_shift;

  // One block of four words is for four elements.
  template <int width>
  __device__ void apply(std::int64_t i) const {
    const std::uint64_t now = stream + (stream_shift ? *stream_shift : 0);
    const auto block = philox_block(seed, now, std::uint64_t(i) / 4);
    const std::uint32_t words[4]{block[0], block[1], block[2], block[3]};
    const Pack<float, width> from = load_f32<width>(x + i);
    Pack<float, width> to;
    for (int j = 0; j < width; ++j) {
      const std::uint32_t word = width == 4 ? words[j] : pick(words, unsigned(i) % 4);
      // Chosen, not multiplied by 0: NaN and infinity are dropped too.
      to.at[j] = std::int32_t(word >> 8) >= threshold ? scale * from.at[j] : 0.0f;
    }
    if (beta != 0) {
      const Pack<float, width> old = load_f32<width>(y + i);
      for (int j = 0; j < width; ++j) to.at[j] += beta * old.at[j];
    }
    store_f32(y + i, to);
  }

  // words[which] of words that stay in registers.
  __device__ static std::uint32_t pick(const std::uint32_t (&words)[4], unsigned which) {
    const std::uint32_t low = which & 1 ? words[1] : words[0];
    const std::uint32_t high = which & 1 ? words[3] : words[2];
    return which & 2 ? high : low;
  }
};

}  // namespace

template <class T>
void dropout(const DropoutArgs& a, StreamHandle stream) {
  const Dropout<T> body{static_cast<const T*>(a.x),
                        static_cast<T*>(a.y),
                        float(1 / (1 - a.rate)),
                        float(a.beta),
                        dropout_threshold(a.rate),
                        a.seed,
                        a.stream,
                        a.stream_shift};
  map<4>("dropout", stream, a.n, aligned<4>(body.x, body.y), body);
}

template void dropout<float>(const DropoutArgs&, StreamHandle);
template void dropout<bf16>(const DropoutArgs&, StreamHandle);

}  // namespace mien::cuda
