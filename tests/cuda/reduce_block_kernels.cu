#include "tests/cuda/reduce_block_kernels.h"

#include "kernels/cuda/reduce_block.cuh"

namespace mien::cuda {
namespace {

constexpr int kThreads = 96;

// A whole word of a row, its first and last letter: joined in the right order only.
struct Ends {
  std::int32_t first, last, letters;
};
struct Concatenate {
  __device__ Ends operator()(const Ends& a, const Ends& b) const {
    return {a.first, b.last, a.letters + b.letters};
  }
};

struct Scratch {
  float sums[kThreads / kWarp];
  Ends ends[kThreads / kWarp];
};

// Each block joins 96 numbers in several ways, twice in the same scratch.
__global__ void __launch_bounds__(kThreads) join(const float* x, float* y) {
  Scratch& scratch = shared<Scratch>();
  const int i = int(blockIdx.x * kThreads + threadIdx.x);
  const int thread = int(threadIdx.x);
  float* out = y + std::int64_t(i) * kJoins;
  out[0] = block_reduce<kThreads>(x[i], Add{}, scratch.sums);
  out[1] = block_reduce<kThreads>(x[i], Max{}, scratch.sums);
  const Ends ends = block_reduce<kThreads>(Ends{thread, thread, 1}, Concatenate{}, scratch.ends);
  out[2] = float(ends.first == 0 && ends.last == kThreads - 1 && ends.letters == kThreads);
  out[3] = warp_reduce(x[i], Add{});
  const float2 pair = warp_reduce<8>(make_float2(x[i], 1.0f), Add{});
  out[4] = pair.x;
  out[5] = pair.y;
  out[6] = warp_reduce<1>(x[i], Add{});
}

}  // namespace

void join_threads(int blocks, const float* x, float* y, StreamHandle stream) {
  launch({.name = "join_threads",
          .stream = stream,
          .grid = dim3(unsigned(blocks)),
          .block = dim3(kThreads),
          .shared = sizeof(Scratch)},
         join, x, y);
}

}  // namespace mien::cuda
