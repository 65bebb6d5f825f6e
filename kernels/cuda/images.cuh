#pragma once

#include "kernels/cuda/fast_divide.h"
#include "kernels/cuda/floats.cuh"
#include "mien/base/error.h"

// Kernels over the places of images [n, h, w, c]: a thread takes one channel of a place, or four.

namespace mien::cuda {

inline constexpr int kImageThreads = 256;

/// One of the places; `channel` is the first of the thread's.
struct Place {
  int image, y, x, channel;

  /// Elements before it in images of these sizes.
  __device__ std::int64_t offset(int h, int w, int c) const {
    return (std::int64_t(image) * h + y) * (std::int64_t(w) * c) + (x * c + channel);
  }
};

// The grid's x runs over the lines, its y along them. Four blocks at once leave a thread 64
// registers: without a number here the compiler spills some to have fewer.
template <int V, class Body>
__global__ void __launch_bounds__(kImageThreads, 4)
    places_kernel(unsigned threads, FastDivide h, FastDivide vectors, Body body) {
  const unsigned at = blockIdx.y * blockDim.x + threadIdx.x;
  if (at >= threads) return;
  const unsigned x = vectors(at), channel = (at - x * vectors.divisor) * V;
  const unsigned image = h(blockIdx.x), y = blockIdx.x - image * h.divisor;
  body.template apply<V>({int(image), int(y), int(x), int(channel)});
}

/// body.apply<V>(place) for every place of n images of h lines, w columns and c channels, V of them
/// together; c is a multiple of V, and rows are aligned for it. Body is a plain struct of pointers
/// and numbers with `template <int V> __device__ void apply(const Place&) const`.
template <int V, class Body>
void for_each_place(const char* name, StreamHandle stream, int n, int h, int w, int c,
                    const Body& body) {
  const std::int64_t lines = std::int64_t(n) * h, line = std::int64_t(w) * c, threads = line / V;
  if (lines <= 0 || line <= 0) return;
  constexpr std::int64_t kLongest = std::int64_t(65535) * kImageThreads;
  MIEN_CHECK(lines < std::int64_t(1) << 31 && threads <= kLongest, ShapeError, name,
             ": a CUDA device takes up to 2^31 - 1 lines of images, of up to ", kLongest,
             " elements; got ", lines, " of ", line);
  const std::int64_t warps = (threads + 31) / 32, most = kImageThreads / 32;
  const unsigned block = unsigned(warps < most ? warps : most) * 32;
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned(lines), unsigned((threads + block - 1) / block)),
          .block = dim3(block)},
         places_kernel<V, Body>, unsigned(threads), FastDivide(unsigned(h)),
         FastDivide(unsigned(c / V)), body);
}

}  // namespace mien::cuda
