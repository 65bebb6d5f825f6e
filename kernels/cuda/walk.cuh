#pragma once

#include "kernels/cuda/fast_divide.h"
#include "kernels/cuda/map.cuh"
#include "kernels/cuda/walk.h"

namespace mien::cuda {

/// A piece of a box as kernels walk it: from the number of an element to its places.
template <int operands>
struct Walk {
  int slowest;                               // axis; 0 is the fastest
  FastDivide dims[kMaxAxes];                 // but of the slowest
  std::int32_t strides[operands][kMaxAxes];  // that of axis 0 is the step

  struct Places {
    std::int32_t at[operands];
  };

  explicit Walk(const Box<operands>& piece) : slowest(piece.rank - 1), strides{} {
    for (int axis = 0; axis < piece.rank; ++axis) {
      const int from = slowest - axis;
      if (axis < slowest) dims[axis] = FastDivide(std::uint32_t(piece.dims[from]));
      for (int o = 0; o < operands; ++o) strides[o][axis] = std::int32_t(piece.strides[o][from]);
    }
  }

  __device__ __forceinline__ Places places(std::int64_t index) const {
    Places out{};
    auto rest = std::uint32_t(index);
    for (int axis = 0; axis < kMaxAxes; ++axis) {
      const bool end = axis == slowest;
      const std::uint32_t slower = end ? 0 : dims[axis](rest);
      const auto at = std::int32_t(rest - slower * dims[axis].divisor);
      for (int o = 0; o < operands; ++o) out.at[o] += at * strides[o][axis];
      if (end) break;
      rest = slower;
    }
    return out;
  }

  /// What an array holds for `width` elements of which the first is at `from`.
  template <int width, class T>
  __device__ __forceinline__ Pack<T, width> read(const T* from, int operand) const {
    if (width > 1 && strides[operand][0] == 0) return all_of<width>(*from);
    return load<width>(from);
  }
  template <int width, class T>
  __device__ __forceinline__ Pack<float, width> read_f32(const T* from, int operand) const {
    if (width > 1 && strides[operand][0] == 0) return all_of<width>(as_float(*from));
    return load_f32<width>(from);
  }
};

}  // namespace mien::cuda
