#pragma once

#include "kernels/cuda/element.cuh"

// Kernels over contiguous elements: several at a time where the arrays are aligned for that, in
// loads and stores of up to 128 bits, and one at a time where not.

namespace mien::cuda {

/// Elements that move together.
template <class T, int width>
struct alignas(sizeof(T) * width) Pack {
  T at[width];
};
/// How many elements make 128 bits.
template <class T>
inline constexpr int kPack = 16 / int(sizeof(T));

template <int width, class T>
__device__ __forceinline__ Pack<T, width> load(const T* from) {
  return *reinterpret_cast<const Pack<T, width>*>(from);
}
template <int width, class T>
__device__ __forceinline__ void store(T* to, const Pack<T, width>& pack) {
  *reinterpret_cast<Pack<T, width>*>(to) = pack;
}
/// The same of elements that are computed with in f32, whatever they are kept as.
template <int width, class T>
__device__ __forceinline__ Pack<float, width> load_f32(const T* from) {
  const Pack<T, width> pack = load<width>(from);
  Pack<float, width> out;
  for (int k = 0; k < width; ++k) out.at[k] = as_float(pack.at[k]);
  return out;
}
template <int width, class T>
__device__ __forceinline__ void store_f32(T* to, const Pack<float, width>& pack) {
  Pack<T, width> out;
  for (int k = 0; k < width; ++k) out.at[k] = from_float<T>(pack.at[k]);
  store(to, out);
}
template <int width, class T>
__device__ __forceinline__ Pack<T, width> all_of(T value) {
  Pack<T, width> pack;
  for (T& each : pack.at) each = value;
  return pack;
}

/// Whether packs of `width` can be loaded from all of these; a null pointer is not loaded from.
template <int width, class... T>
bool aligned(const T*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % (width * sizeof(T)) == 0) && ...);
}

inline constexpr int kMapThreads = 256;

template <int width, class Body>
__global__ void __launch_bounds__(kMapThreads)
    map_kernel(std::int64_t n, std::int64_t packs, Body body) {
  const std::int64_t thread = std::int64_t(blockIdx.x) * kMapThreads + threadIdx.x;
  if (thread < packs) {
    body.template apply<width>(thread * width);
  } else if (const std::int64_t i = thread + packs * (width - 1); i < n) {
    body.template apply<1>(i);
  }
}

/// Lets body work on all elements below n: on `width` from i on in body.apply<width>(i) where
/// `packed`, and on the rest one by one in body.apply<1>(i). Body is a plain struct of pointers
/// and numbers with `template <int width> __device__ void apply(std::int64_t i) const`. A thread
/// does one of these: a loop over steps of the grid would take longer to count than most bodies do.
template <int width, class Body>
void map(const char* name, StreamHandle stream, std::int64_t n, bool packed, const Body& body) {
  if (n <= 0) return;
  const std::int64_t packs = packed ? n / width : 0;
  const std::int64_t threads = n - packs * (width - 1);
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned((threads + kMapThreads - 1) / kMapThreads)),
          .block = dim3(kMapThreads)},
         map_kernel<width, Body>, n, packs, body);
}

}  // namespace mien::cuda
