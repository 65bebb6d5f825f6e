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

/// Passes that begin with a merge of what another pass left for tiles of rows: of 32 columns, the
/// 128 bytes of a line, since each block has to read all tiles of its columns.
inline constexpr int kNormColumns = 32;
/// How a pass lies whose blocks each leave a tile: no more of them than a merge can read, but two
/// a multiprocessor.
inline ColumnPlan tile_plan(std::int64_t rows, std::int64_t c, int width, std::int64_t least) {
  const std::int64_t sms = properties().sms, chunks = divide_up(c, kNormColumns);
  const std::int64_t blocks = std::min(4 * sms, std::max(64 * chunks, 2 * sms));
  return column_plan(rows, c, width, least, blocks, kNormColumns / width);
}
/// Blocks of a pass over windows of so many places that a multiprocessor has at once: as many as
/// have the registers they need.
constexpr int norm_blocks_at_once(int places) { return places > 1 ? 4 : 5; }
constexpr int norm_grad_blocks_at_once(int places) { return places > 1 ? 3 : 5; }
/// How a pass over cells lies that begins with a merge of so many tiles: the more of them, the
/// fewer blocks, of which a multiprocessor has `most` at once.
inline ColumnPlan merging_plan(const NormShape& s, std::int64_t cells, int width,
                               std::int64_t tiles, int most) {
  const std::int64_t each =
      std::clamp<std::int64_t>(512 / std::max<std::int64_t>(tiles, 1), 2, most);
  return column_plan(std::max<std::int64_t>(cells, 1), s.c, width, 2, each * properties().sms,
                     kNormColumns / width);
}
/// Whether one block does a pass over its columns that needs sums over all rows first: few rows
/// stay in the first cache for a second reading. `plan` becomes that of one block.
inline bool one_block(std::int64_t rows, ColumnPlan& plan) {
  if (rows > std::int64_t(8) * plan.groups) return false;
  plan.rows *= plan.blocks;
  plan.blocks = 1;
  return true;
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
