// Dropout by a counter-based generator: the mask is computed again in the backward, never stored.
#include "kernels/cuda/grid.h"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/lang.cuh"
#include "mien/base/philox.h"

namespace mien::cuda {
namespace {

constexpr int kThreads = 256;

// What decides which elements stay.
struct Draws {
  std::int32_t threshold;
  std::uint64_t seed, stream;
  const std::uint64_t* stream_shift;
};

struct Kept {
  float scale, beta;
  // Chosen, not multiplied by 0: NaN and infinity are dropped too.
  __device__ float operator()(bool keep, float x) const { return keep ? scale * x : 0.0f; }
};

// A thread draws one block of four words for four elements; `quads` groups of them are read as
// float4.
__global__ void __launch_bounds__(kThreads)
    dropout_kernel(std::int64_t n, std::int64_t quads, const float* x, float* y, Draws draws,
                   Kept kept) {
  const std::uint64_t stream = draws.stream + (draws.stream_shift ? *draws.stream_shift : 0);
  const std::int64_t step = std::int64_t(gridDim.x) * kThreads, groups = (n + 3) / 4;
  for (std::int64_t i = std::int64_t(blockIdx.x) * kThreads + threadIdx.x; i < groups; i += step) {
    const auto words = philox_block(draws.seed, stream, std::uint64_t(i));
    bool keep[4];
    for (int k = 0; k < 4; ++k) keep[k] = std::int32_t(words[unsigned(k)] >> 8) >= draws.threshold;
    if (i < quads) {
      const float4 from = reinterpret_cast<const float4*>(x)[i];
      float4 to = make_float4(kept(keep[0], from.x), kept(keep[1], from.y), kept(keep[2], from.z),
                              kept(keep[3], from.w));
      float4* out = reinterpret_cast<float4*>(y) + i;
      if (kept.beta != 0) {
        const float4 old = *out;
        to.x += kept.beta * old.x;
        to.y += kept.beta * old.y;
        to.z += kept.beta * old.z;
        to.w += kept.beta * old.w;
      }
      *out = to;
    } else {
      for (int k = 0; k < 4 && 4 * i + k < n; ++k) {
        const float to = kept(keep[k], x[4 * i + k]);
        y[4 * i + k] = kept.beta == 0 ? to : kept.beta * y[4 * i + k] + to;
      }
    }
  }
}

}  // namespace

template <class T>
void dropout(const DropoutArgs& a, StreamHandle stream) {
  if (a.n <= 0) return;
  const auto* x = static_cast<const T*>(a.x);
  auto* y = static_cast<T*>(a.y);
  const bool aligned = aligned_to(16, x) && aligned_to(16, y);
  launch({.name = "dropout",
          .stream = stream,
          .grid = dim3(blocks_for((a.n + 3) / 4, kThreads)),
          .block = dim3(kThreads)},
         dropout_kernel, a.n, aligned ? a.n / 4 : 0, x, y,
         Draws{dropout_threshold(a.rate), a.seed, a.stream, a.stream_shift},
         Kept{float(1 / (1 - a.rate)), float(a.beta)});
}

template void dropout<float>(const DropoutArgs&, StreamHandle);

}  // namespace mien::cuda
