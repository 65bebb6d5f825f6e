#pragma once

#include "kernels/cuda/floats.cuh"
#include "kernels/cuda/moments.cuh"
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
  TileMoments moments{};  // of y where nothing is added to it and no sum is split; may be null

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
    Floats<vector> values;
    MIEN_UNROLL
    for (int i = 0; i < vector; ++i) values.at[i] = sums[i];
    if (bias) {
      const float* of = bias + z * bias_stride + column;
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) values.at[i] += of[i];
    }
    if (beta != 0) {
      const Floats<vector> old = load_floats<vector>(at + column);
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i) values.at[i] += beta * old.at[i];
    }
    if (relu) {
      MIEN_UNROLL
      for (int i = 0; i < vector; ++i)
        values.at[i] = values.at[i] < 0 ? 0.0f : values.at[i];  // NaN stays
    }
    store_floats(at + column, values);
  }
};

}  // namespace mien::cuda
