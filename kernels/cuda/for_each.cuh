#pragma once

#include "kernels/cuda/lang.cuh"

// Kernels without communication: one thread for one index.

namespace mien::cuda {

inline constexpr int kForEachThreads = 256;

template <class Body>
__global__ void __launch_bounds__(kForEachThreads) for_each_kernel(std::int64_t n, Body body) {
  const std::int64_t step = std::int64_t(gridDim.x) * kForEachThreads;
  for (std::int64_t i = std::int64_t(blockIdx.x) * kForEachThreads + threadIdx.x; i < n; i += step)
    body(i);
}

/// body(i) for every i below n. Body is a plain struct of pointers and numbers with a
/// `__device__ void operator()(std::int64_t i) const`.
template <class Body>
void for_each(const char* name, StreamHandle stream, std::int64_t n, const Body& body) {
  if (n <= 0) return;
  const std::int64_t blocks = (n + kForEachThreads - 1) / kForEachThreads;
  const std::int64_t most = std::int64_t(properties().sms) * 16;  // the rest by steps
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned(blocks < most ? blocks : most)),
          .block = dim3(kForEachThreads)},
         for_each_kernel<Body>, n, body);
}

}  // namespace mien::cuda
