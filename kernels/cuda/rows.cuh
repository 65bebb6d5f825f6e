#pragma once

#include "kernels/cuda/reduce_block.cuh"
#include "mien/base/error.h"

// Kernels over the rows of [rows, cols], each row the work of a team: some lanes of a warp where
// rows are short, a warp, or a block where they are long.

namespace mien::cuda {

/// The larger value, and where it is; the first place of equal ones.
struct Largest {
  float value;
  std::int32_t at;
};
struct TakeLargest {
  __device__ Largest operator()(const Largest& a, const Largest& b) const {
    return b.value > a.value || (b.value == a.value && b.at < a.at) ? b : a;
  }
};

/// What a block hands around when a team is one.
template <int team>
struct RowScratch {
  static constexpr int warps = team > kWarp ? team / kWarp : 1;
  float one[warps];
  float2 two[warps];
  Largest largest[warps];
};

/// A row as one thread of its team sees it. Its columns are those `for (int c = row.lane; c <
/// row.end; c += team)`; where there are fewer rows than teams, `index` is a row that is there all
/// the same, but none of its columns is this team's. Sums and the like are over the team, given to
/// all its threads, and all of them must call.
template <int team>
struct Row {
  std::int64_t index, begin;  // begin: of the row's first element
  int cols, end, lane;
  RowScratch<team>& scratch;

  /// Whether this thread writes what there is one of in a row.
  __device__ bool first() const { return lane == 0 && end > 0; }
  __device__ float sum(float value) { return join(value, Add{}, scratch.one); }
  __device__ float2 sum(float2 value) { return join(value, Add{}, scratch.two); }
  __device__ float max(float value) { return join(value, Max{}, scratch.one); }
  __device__ Largest largest(const Largest& value) {
    return join(value, TakeLargest{}, scratch.largest);
  }

  template <class T, class Op, int warps>
  __device__ T join(T value, Op op, T (&memory)[warps]) {
    if constexpr (team > kWarp) {
      return block_reduce<team>(value, op, memory);
    } else {
      return warp_reduce<team>(value, op);
    }
  }
};

constexpr int row_threads(int team) { return team > 128 ? team : 128; }

// 1024 threads at once leave each 64 registers: without a number here the compiler spills some to
// have fewer.
template <int team, class Body>
__global__ void __launch_bounds__(row_threads(team), 1024 / row_threads(team))
    rows_kernel(std::int64_t rows, int cols, Body body) {
  const std::int64_t first = std::int64_t(blockIdx.x) * (row_threads(team) / team);
  const std::int64_t mine = first + threadIdx.x / team;
  const bool there = mine < rows;
  const std::int64_t index = there ? mine : first;
  Row<team> row{index,
                index * cols,
                cols,
                there ? cols : 0,
                int(threadIdx.x % team),
                shared<RowScratch<team>>()};
  body(row);
}

template <int team, class Body>
void launch_rows(const char* name, StreamHandle stream, std::int64_t rows, int cols,
                 const Body& body) {
  constexpr int threads = row_threads(team);
  launch({.name = name,
          .stream = stream,
          .grid = dim3(unsigned((rows * team + threads - 1) / threads)),
          .block = dim3(threads),
          .shared = sizeof(RowScratch<team>)},
         rows_kernel<team, Body>, rows, cols, body);
}

/// body(row) for every row. Body is a plain struct of pointers and numbers with
/// `template <int team> __device__ void operator()(Row<team>& row) const`.
template <class Body>
void for_each_row(const char* name, StreamHandle stream, std::int64_t rows, std::int64_t cols,
                  const Body& body) {
  if (rows <= 0 || cols <= 0) return;
  MIEN_CHECK(cols < std::int64_t(1) << 31, ShapeError, name,
             ": a CUDA device takes rows of up to 2^31 - 1 columns; got ", cols);
  if (cols <= 16) {
    launch_rows<8>(name, stream, rows, int(cols), body);
  } else if (cols <= 1024) {
    launch_rows<kWarp>(name, stream, rows, int(cols), body);
  } else {
    launch_rows<256>(name, stream, rows, int(cols), body);
  }
}

}  // namespace mien::cuda
