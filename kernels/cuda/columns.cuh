#pragma once

#include <algorithm>

#include "kernels/cuda/floats.cuh"
#include "mien/base/error.h"

// Passes over the rows of [rows, columns] in which a thread keeps its columns: what belongs to a
// column stays in registers, and sums over the rows are made per block, in a fixed order.

namespace mien::cuda {

inline constexpr int kColumnThreads = 256;  // of a block, at most
inline constexpr int kColumnLanes = 32;     // of them side by side

/// Rows are counted in 32 bits on the device.
inline void check_rows(const char* op, std::int64_t rows, std::int64_t c) {
  MIEN_CHECK(rows < std::int64_t(1) << 31 && c < std::int64_t(1) << 31, ShapeError, op,
             ": a CUDA device takes up to 2^31 - 1 rows and columns; got ", rows, " and ", c);
}

/// How the threads of a pass lie: `lanes` side by side take V columns each, `groups` of them every
/// groups-th row of the `rows` that a block has.
struct ColumnPlan {
  unsigned lanes, groups;
  unsigned chunks, blocks;  // of the grid: along the columns, along the rows
  unsigned rows;

  dim3 grid() const { return dim3(chunks, blocks); }
  dim3 block() const { return dim3(lanes, groups); }
};
constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
/// For rows and c from 1 on and below 2^31, c a multiple of `width` (V). A thread has at least
/// `least` rows where there are so many; about `blocks` blocks are wanted.
constexpr ColumnPlan column_plan(std::int64_t rows, std::int64_t c, int width, std::int64_t least,
                                 std::int64_t blocks, int most_lanes = kColumnLanes) {
  const std::int64_t vectors = c / width, chunks = divide_up(vectors, most_lanes);
  const std::int64_t lanes = divide_up(vectors, chunks);
  const std::int64_t groups = std::min<std::int64_t>(kColumnThreads / lanes, rows);
  const std::int64_t most = std::clamp<std::int64_t>(blocks / chunks, 1, 65535);
  const std::int64_t share =
      std::max(divide_up(divide_up(rows, most), groups) * groups, groups * least);
  return {.lanes = unsigned(lanes),
          .groups = unsigned(groups),
          .chunks = unsigned(chunks),
          .blocks = unsigned(divide_up(rows, share)),
          .rows = unsigned(share)};
}

/// Rows of a block, `block_rows` or, of the last, what is left of `rows`.
struct RowRange {
  unsigned begin, end;
};
__host__ __device__ constexpr RowRange rows_of(unsigned block, unsigned block_rows, unsigned rows) {
  const unsigned begin = block * block_rows, left = rows - begin;
  return {begin, begin + (left < block_rows ? left : block_rows)};
}

/// Sums, or other numbers of a thread that can be merged.
template <int n>
struct Sums {
  static constexpr int size = n;
  float at[n];

  __device__ __forceinline__ void merge(const Sums& other) {
    for (int i = 0; i < n; ++i) at[i] += other.at[i];
  }
};
/// Shared memory of merge_groups.
template <class Part>
struct GroupMemory {
  float at[Part::size][kColumnThreads];
};
/// Merges what the groups of a block (its threads along y) have into the first group's `mine`, as
/// a tree. All threads call it, and may call it once.
template <class Part>
__device__ __forceinline__ void merge_groups(Part& mine) {
  auto& memory = shared<GroupMemory<Part>>();
  const unsigned lanes = blockDim.x, group = threadIdx.y, groups = blockDim.y;
  const unsigned me = group * lanes + threadIdx.x;
  unsigned stride = 1;
  while (stride < groups) stride *= 2;
  for (int i = 0; i < Part::size; ++i) memory.at[i][me] = mine.at[i];
  for (stride /= 2; stride > 0; stride /= 2) {
    __syncthreads();
    if (group >= stride || group + stride >= groups) continue;
    Part other;
    for (int i = 0; i < Part::size; ++i) other.at[i] = memory.at[i][me + stride * lanes];
    mine.merge(other);
    for (int i = 0; i < Part::size; ++i) memory.at[i][me] = mine.at[i];
  }
}
/// The same for all groups of the block.
template <class Part>
__device__ __forceinline__ void merge_groups_for_all(Part& mine) {
  merge_groups(mine);
  __syncthreads();
  const auto& memory = shared<GroupMemory<Part>>();
  for (int i = 0; i < Part::size; ++i) mine.at[i] = memory.at[i][threadIdx.x];
}

/// How the threads of a kernel lie that adds up what the blocks of a pass left, one thread a column
/// and every groups-th block.
constexpr ColumnPlan merge_plan(std::int64_t blocks, std::int64_t c) {
  const std::int64_t groups = std::clamp<std::int64_t>(divide_up(blocks, 4), 1, 32);
  // 8: the 32 bytes of a row that memory hands out.
  const std::int64_t lanes = std::clamp<std::int64_t>(kColumnThreads / groups, 8, kColumnLanes);
  return {.lanes = unsigned(lanes),
          .groups = unsigned(groups),
          .chunks = unsigned(divide_up(c, lanes)),
          .blocks = 1,
          .rows = unsigned(blocks)};
}

}  // namespace mien::cuda
