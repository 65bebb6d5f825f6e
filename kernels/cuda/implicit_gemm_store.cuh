#pragma once

#include "kernels/cuda/element.cuh"
#include "mien/base/act.h"

// The epilogue of an implicit GEMM: where the sums go, and what is done to them on the way.

namespace mien::cuda {

/// y = act(beta y + sum + bias). Row r of the result is place (image, i, j) of y as Patches counts
/// them; a plain matrix has places = 0, and `line` from one row to the next.
template <class T>
struct Store {
  T* y;
  const float* bias;  // of columns; may be null
  std::int64_t z_stride, image;
  int rows, columns, bias_stride;  // bias_stride: from one group to the next
  int places, width, line, pixel;
  float beta;
  bool relu;

  __device__ T* row(int z, int row) const {
    T* base = y + z * z_stride;
    if (places == 0) return base + std::int64_t(row) * line;
    const int in_image = row % places;
    return base + row / places * image + in_image / width * line + in_image % width * pixel;
  }

  /// `vector` sums from `column` on; where vector is more than 1, all or none lie in the result,
  /// and `at` is aligned to them.
  template <int vector>
  __device__ __forceinline__ void put(T* at, int z, int column, const float* sums) const {
    if (column >= columns) return;
    float values[vector];
    MIEN_UNROLL
    for (int i = 0; i < vector; ++i) values[i] = sums[i];
    if (bias) {
      const float* of = bias + z * bias_stride + column;
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) values[i] += of[i];
    }
    if (beta != 0) {
      float old[vector];
      load<vector>(old, at + column);
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) values[i] += beta * old[i];
    }
    if (relu) {
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) values[i] = values[i] < 0 ? 0.0f : values[i];  // NaN stays
    }
    save<vector>(at + column, values);
  }

 private:
  template <int vector>
  __device__ __forceinline__ static void load(float* to, const T* from) {
    if constexpr (vector == 4 && sizeof(T) == 4) {
      const float4 all = *reinterpret_cast<const float4*>(from);
      to[0] = all.x, to[1] = all.y, to[2] = all.z, to[3] = all.w;
    } else if constexpr (vector == 2 && sizeof(T) == 4) {
      const float2 all = *reinterpret_cast<const float2*>(from);
      to[0] = all.x, to[1] = all.y;
    } else {
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) to[i] = as_float(from[i]);
    }
  }
  template <int vector>
  __device__ __forceinline__ static void save(T* to, const float* from) {
    if constexpr (vector == 4 && sizeof(T) == 4) {
      *reinterpret_cast<float4*>(to) = make_float4(from[0], from[1], from[2], from[3]);
    } else if constexpr (vector == 2 && sizeof(T) == 4) {
      *reinterpret_cast<float2*>(to) = make_float2(from[0], from[1]);
    } else {
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) to[i] = from_float<T>(from[i]);
    }
  }
};

}  // namespace mien::cuda
