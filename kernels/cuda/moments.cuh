#pragma once

#include "kernels/cuda/columns.cuh"

// Means and variances of the columns of [rows, c]. Whoever has rows at hand, a pass over them or
// the kernel that computes them, leaves what it finds per tile of rows; whoever needs the moments
// of all rows merges the tiles.

namespace mien::cuda {

/// Of V columns: means, sums of squared distances from them, and of how many rows.
template <int V>
struct Moments {
  static constexpr int size = 2 * V + 1;
  float at[size];

  /// Chan, Golub, LeVeque, 1979: unlike E[x^2] - E[x]^2 it loses nothing where the mean is large.
  __device__ __forceinline__ void merge(const Moments& other) {
    const float more = other.at[2 * V], n = at[2 * V];
    if (more == 0) return;
    const float share = more / (n + more);
    for (int j = 0; j < V; ++j) {
      const float delta = other.at[j] - at[j];
      at[j] += delta * share;
      at[V + j] += other.at[V + j] + delta * delta * n * share;
    }
    at[2 * V] = n + more;
  }
};

/// What was found in tiles of rows: any rows, in any number, each row in one tile. [tiles][2][c]
/// means and sums of squared distances from them, then [tiles] numbers of rows.
struct TileMoments {
  float* at;       // a multiple of 16 bytes; only read in a merge
  unsigned tiles;  // a merge costs each block of its kernel as many reads: some hundreds at most
  unsigned c;

  static constexpr std::size_t floats(std::size_t tiles, std::size_t c) {
    return tiles * (2 * c + 1);
  }
  __device__ __forceinline__ float* mean(unsigned tile) const {
    return at + std::int64_t(tile) * 2 * c;
  }
  __device__ __forceinline__ float* squares(unsigned tile) const { return mean(tile) + c; }
  __device__ __forceinline__ float& count(unsigned tile) const {
    return at[std::int64_t(tiles) * 2 * c + tile];
  }
  /// Of V columns; `first`: whether this thread is the tile's one that also writes its count.
  template <int V>
  __device__ __forceinline__ void put(unsigned tile, unsigned column, bool first,
                                      const Moments<V>& m) const {
    Floats<V> means, squared;
    for (int j = 0; j < V; ++j) {
      means.at[j] = m.at[j];
      squared.at[j] = m.at[V + j];
    }
    store_floats(mean(tile) + column, means);
    store_floats(squares(tile) + column, squared);
    if (first) count(tile) = m.at[2 * V];
  }
};

/// Of V columns over each groups-th tile of a block whose groups lie along y: merge_groups() then
/// gives those of all tiles, in an order that tiles and groups fix.
template <int V>
__device__ __forceinline__ Moments<V> merge_tiles(const TileMoments& t, unsigned column) {
  constexpr unsigned kAtOnce = 2;
  const auto load = [&](unsigned tile) {
    Moments<V> m;
    const Floats<V> mean = load_floats<V>(t.mean(tile) + column);
    const Floats<V> squares = load_floats<V>(t.squares(tile) + column);
    for (int j = 0; j < V; ++j) {
      m.at[j] = mean.at[j];
      m.at[V + j] = squares.at[j];
    }
    m.at[2 * V] = t.count(tile);
    return m;
  };
  Moments<V> all{};
  unsigned tile = threadIdx.y;
  for (; tile + (kAtOnce - 1) * blockDim.y < t.tiles; tile += kAtOnce * blockDim.y) {
    Moments<V> some[kAtOnce];
    for (unsigned i = 0; i < kAtOnce; ++i) some[i] = load(tile + i * blockDim.y);
    for (unsigned i = 0; i < kAtOnce; ++i) all.merge(some[i]);
  }
  for (; tile < t.tiles; tile += blockDim.y) all.merge(load(tile));
  return all;
}

/// Of rows that are `step` elements apart, read once: the distances are from registers.
template <int V, int rows, class T>
__device__ __forceinline__ Moments<V> moments_of(const T* x, std::int64_t step) {
  Floats<V> row[rows];
  for (int r = 0; r < rows; ++r) row[r] = load_floats<V>(x + r * step);
  Moments<V> m;
  for (int j = 0; j < V; ++j) {
    float sum = 0, squares = 0;
    for (int r = 0; r < rows; ++r) sum += row[r].at[j];
    const float mean = sum * (1.0f / rows);
    for (int r = 0; r < rows; ++r) squares += (row[r].at[j] - mean) * (row[r].at[j] - mean);
    m.at[j] = mean;
    m.at[V + j] = squares;
  }
  m.at[2 * V] = rows;
  return m;
}
/// Of V columns over each groups-th row of a range, as merge_tiles(); `at_once` rows are read
/// together.
template <int V, unsigned at_once, class T>
__device__ __forceinline__ Moments<V> moments_of_rows(const T* x, RowRange range, unsigned c,
                                                      unsigned column) {
  const unsigned step = blockDim.y;
  unsigned row = range.begin + threadIdx.y;
  const T* from = x + std::int64_t(row) * c + column;
  const std::int64_t apart = std::int64_t(step) * c;
  Moments<V> m{};
  for (; row + (at_once - 1) * step < range.end; row += at_once * step, from += at_once * apart)
    m.merge(moments_of<V, int(at_once)>(from, apart));
  for (; row < range.end; row += step, from += apart) m.merge(moments_of<V, 1>(from, apart));
  return m;
}

}  // namespace mien::cuda
