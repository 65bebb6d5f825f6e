#pragma once

#include "kernels/cuda/element.cuh"

// One float, bf16 or byte, or two or four of them in one access, by the same code.

namespace mien::cuda {

/// V neighbouring floats; one access, at a multiple of its 4 V bytes.
template <int V>
struct Floats {
  float at[V];
};
template <int V>
__device__ __forceinline__ Floats<V> load_floats(const float* from) {
  if constexpr (V == 4) {
    const float4 v = *reinterpret_cast<const float4*>(from);
    return {{v.x, v.y, v.z, v.w}};
  } else if constexpr (V == 2) {
    const float2 v = *reinterpret_cast<const float2*>(from);
    return {{v.x, v.y}};
  } else {
    return {{*from}};
  }
}
template <int V>
__device__ __forceinline__ void store_floats(float* to, const Floats<V>& v) {
  if constexpr (V == 4) {
    *reinterpret_cast<float4*>(to) = make_float4(v.at[0], v.at[1], v.at[2], v.at[3]);
  } else if constexpr (V == 2) {
    *reinterpret_cast<float2*>(to) = make_float2(v.at[0], v.at[1]);
  } else {
    *to = v.at[0];
  }
}
/// The same of bf16, with which kernels compute as floats, at a multiple of 2 V bytes.
template <int V>
__device__ __forceinline__ Floats<V> load_floats(const bf16* from) {
  if constexpr (V == 4) {
    const uint2 v = *reinterpret_cast<const uint2*>(from);
    return {{__uint_as_float(v.x << 16), __uint_as_float(v.x & 0xffff0000u),
             __uint_as_float(v.y << 16), __uint_as_float(v.y & 0xffff0000u)}};
  } else if constexpr (V == 2) {
    const auto v = *reinterpret_cast<const std::uint32_t*>(from);
    return {{__uint_as_float(v << 16), __uint_as_float(v & 0xffff0000u)}};
  } else {
    return {{as_float(*from)}};
  }
}
template <int V>
__device__ __forceinline__ void store_floats(bf16* to, const Floats<V>& v) {
  const auto bits = [&](int i) { return std::uint32_t(from_float<bf16>(v.at[i]).bits); };
  if constexpr (V == 4) {
    *reinterpret_cast<uint2*>(to) = make_uint2(bits(0) | bits(1) << 16, bits(2) | bits(3) << 16);
  } else if constexpr (V == 2) {
    *reinterpret_cast<std::uint32_t*>(to) = bits(0) | bits(1) << 16;
  } else {
    to->bits = std::uint16_t(bits(0));
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
