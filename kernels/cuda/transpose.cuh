#pragma once

#include <algorithm>

#include "kernels/cuda/walk.cuh"

// Copies whose arrays run along different axes: a plain walk would read or write each element in a
// line of memory of its own, so tiles go through shared memory.

namespace mien::cuda {

inline constexpr int kTile = 32, kTileRows = 8;  // a block has kTile x kTileRows threads

/// Types whose elements are added to, not only stored.
template <class T>
inline constexpr bool kAdds = std::is_same_v<T, float> || std::is_same_v<T, bf16>;
/// x + beta old.
template <class T>
__device__ __forceinline__ T added(T x, float beta, T old) {
  return from_float<T>(as_float(x) + beta * as_float(old));
}

template <class T>
struct TransposeTile {
  // Rows are an odd number of banks apart, so that neither rows nor columns meet in one.
  T at[kTile][kTile + 4 / int(sizeof(T))];
};

/// y[b, p, q] = beta y[b, p, q] + x[b, p, q]: x runs on along p, y along q.
template <class T>
struct Transpose {
  Walk<2> batch;                    // over b
  std::int32_t p, q;                // sizes
  std::int32_t x_stride, y_stride;  // of q in x, of p in y
  FastDivide tiles_p, tiles_q;      // along p and q
  const T* x;
  T* y;
  float beta;
};

template <class T>
__global__ void __launch_bounds__(kTile* kTileRows) transpose_kernel(Transpose<T> a) {
  auto& tile = shared<TransposeTile<T>>();
  const std::uint32_t rest = a.tiles_q(blockIdx.x), b = a.tiles_p(rest);
  const auto first_q = std::int32_t(blockIdx.x - rest * a.tiles_q.divisor) * kTile;
  const auto first_p = std::int32_t(rest - b * a.tiles_p.divisor) * kTile;
  const auto from = a.batch.places(b);
  const T* x = a.x + from.at[0];
  T* y = a.y + from.at[1];
  const int across = int(threadIdx.x);

  for (int row = int(threadIdx.y); row < kTile; row += kTileRows) {
    const std::int32_t p = first_p + across, q = first_q + row;
    if (p < a.p && q < a.q) tile.at[row][across] = x[p + q * a.x_stride];
  }
  __syncthreads();
  for (int row = int(threadIdx.y); row < kTile; row += kTileRows) {
    const std::int32_t p = first_p + row, q = first_q + across;
    if (p >= a.p || q >= a.q) continue;
    T& to = y[q + p * a.y_stride];
    T value = tile.at[across][row];
    if constexpr (kAdds<T>)
      if (a.beta != 0) value = added(value, a.beta, to);
    to = value;
  }
}

/// The axis that x runs along where y runs along the last and both are long enough for tiles; -1
/// where a plain walk does. The box is merged, its operands are x and y.
inline int transposed_axis(const Box<2>& box) {
  const int last = box.rank - 1;
  if (box.step(1) != 1 || box.step(0) == 0 || box.step(0) == 1) return -1;
  if (box.dims[last] < kTile / 2) return -1;
  for (int axis = 0; axis < last; ++axis)
    if (box.strides[0][axis] == 1 && box.dims[axis] >= kTile / 2) return axis;
  return -1;
}

/// Copies a piece with a transposed_axis().
template <class T>
void transpose(const char* name, StreamHandle stream, const Box<2>& piece, int axis, const T* x,
               T* y, float beta) {
  const int last = piece.rank - 1;
  Box<2> batch;
  for (int i = 0; i < last; ++i)
    if (i != axis) batch.add_axis(piece.dims[i], piece, i);
  batch = merged(batch);
  const auto tiles = [](std::int64_t size) { return std::uint32_t((size + kTile - 1) / kTile); };
  const std::uint32_t tiles_p = tiles(piece.dims[axis]), tiles_q = tiles(piece.dims[last]);
  launch(
      {.name = name,
       .stream = stream,
       .grid = dim3(unsigned(batch.numel()) * tiles_p * tiles_q),
       .block = dim3(kTile, kTileRows),
       .shared = sizeof(TransposeTile<T>)},
      transpose_kernel<T>,
      Transpose<T>{Walk<2>(batch), std::int32_t(piece.dims[axis]), std::int32_t(piece.dims[last]),
                   std::int32_t(piece.step(0)), std::int32_t(piece.strides[1][axis]),
                   FastDivide(tiles_p), FastDivide(tiles_q), x, y, beta});
}

}  // namespace mien::cuda
