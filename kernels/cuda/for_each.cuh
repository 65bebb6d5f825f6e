#pragma once

#include "kernels/cuda/lang.cuh"

// Kernels without communication: one thread for one index.

namespace mien::cuda {

inline constexpr int kForEachThreads = 256;

template <class Body>
__global__ void __launch_bounds__(kForEachThreads) for_each_kernel(std::int64_t n, Body body) {
  const std::int64_t i = std::int64_t(blockIdx.x) * kForEachThreads + threadIdx.x;
  if (i < n) body(i);
}

/// body(i) for every i below n. Body is a plain struct of pointers and numbers with a
/// `__device__ void operator()(std::int64_t i) const`. There is no loop over steps of the grid: to
/// count its steps takes a division in 64 bits.
template <class Body>
void for_each(const char* name, StreamHandle stream, std::int64_t n, const Body& body) {
  if (n <= 0) return;
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned((n + kForEachThreads - 1) / kForEachThreads)),
          .block = dim3(kForEachThreads)},
         for_each_kernel<Body>, n, body);
}

}  // namespace mien::cuda
