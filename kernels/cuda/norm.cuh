#pragma once

#include "kernels/api.h"
#include "kernels/cuda/columns.cuh"

// What batch_norm and its gradient share.

namespace mien::cuda {

/// The places of a NormShape in windows of 2x2, or single ones where it does not pool. An odd last
/// line or column is of no window.
struct Windows {
  unsigned h, w;          // places
  unsigned down, across;  // cells that an image is cut into: windows, with_rest also what is left

  __host__ __device__ static constexpr Windows of(const NormShape& s, bool with_rest) {
    const std::int64_t rest = with_rest ? 1 : 0;
    if (!s.pool) return {1, 1, 1, 1};
    return {unsigned(s.h), unsigned(s.w), unsigned((s.h + rest) / 2), unsigned((s.w + rest) / 2)};
  }
};
/// One cell: the row of its first place among those of x, its row of y, and which places it has.
struct Window {
  unsigned x, y;
  bool right, below;  // whether there are places beside and below the first

  __device__ __forceinline__ bool whole() const { return right && below; }
  __device__ __forceinline__ bool has(int place) const {
    return (right || (place & 1) == 0) && (below || place < 2);
  }
};
template <int places>
__device__ __forceinline__ Window window_at(const Windows& all, unsigned cell) {
  if constexpr (places == 1) return {cell, cell, true, true};
  const unsigned column = cell % all.across, line = cell / all.across;
  const unsigned image = line / all.down, pair = line % all.down;
  return {(image * all.h + 2 * pair) * all.w + 2 * column,
          (image * (all.h / 2) + pair) * (all.w / 2) + column, 2 * column + 1 < all.w,
          2 * pair + 1 < all.h};
}
/// Elements from a window's first place to this one.
__device__ __forceinline__ std::int64_t place_offset(int place, unsigned w, unsigned c) {
  return std::int64_t(unsigned(place & 1) + unsigned(place >> 1) * w) * c;
}

/// Calls body.template operator()<V, places>(): four columns at once where all can be, else one.
template <class Body>
void for_norm_shape(bool by_four, bool pool, Body&& body) {
  if (by_four) {
    pool ? body.template operator()<4, 4>() : body.template operator()<4, 1>();
  } else {
    pool ? body.template operator()<1, 4>() : body.template operator()<1, 1>();
  }
}

}  // namespace mien::cuda
