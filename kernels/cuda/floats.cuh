#pragma once

#include "kernels/cuda/lang.cuh"

// One float or byte, or four of them in one access, by the same code.

namespace mien::cuda {

/// V neighbouring floats; one access where V is 4, at a multiple of 16 bytes then.
template <int V>
struct Floats {
  float at[V];
};
template <int V>
__device__ __forceinline__ Floats<V> load_floats(const float* from) {
  if constexpr (V == 4) {
    const float4 v = *reinterpret_cast<const float4*>(from);
    return {{v.x, v.y, v.z, v.w}};
  } else {
    return {{*from}};
  }
}
template <int V>
__device__ __forceinline__ void store_floats(float* to, const Floats<V>& v) {
  if constexpr (V == 4) {
    *reinterpret_cast<float4*>(to) = make_float4(v.at[0], v.at[1], v.at[2], v.at[3]);
  } else {
    *to = v.at[0];
  }
}

/// V neighbouring bytes, the numbers of places in a window; one access where V is 4, at a multiple
/// of 4 then.
template <int V>
struct Places {
  unsigned at[V];
};
template <int V>
__device__ __forceinline__ Places<V> load_places(const std::uint8_t* from) {
  if constexpr (V == 4) {
    const auto word = *reinterpret_cast<const std::uint32_t*>(from);
    return {{word & 255, word >> 8 & 255, word >> 16 & 255, word >> 24}};
  } else {
    return {{*from}};
  }
}
template <int V>
__device__ __forceinline__ void store_places(std::uint8_t* to, const Places<V>& v) {
  if constexpr (V == 4) {
    *reinterpret_cast<std::uint32_t*>(to) = v.at[0] | v.at[1] << 8 | v.at[2] << 16 | v.at[3] << 24;
  } else {
    *to = std::uint8_t(v.at[0]);
  }
}

/// Whether all of the pointers, null ones too, are multiples of 16 bytes.
template <class... Pointers>
bool aligned16(const Pointers*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % 16 == 0) && ...);
}

}  // namespace mien::cuda
