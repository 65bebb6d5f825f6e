// Batch normalization with what follows it, in one pass over memory; where its statistics are those
// of x, a pass for them before it, unless x has few rows.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/moments.cuh"
#include "kernels/cuda/norm.cuh"
#include "kernels/cuda/workspace.h"
#include "mien/base/philox.h"

namespace mien::cuda {
namespace {

template <class T>
struct MomentsPass {
  const T* x;
  TileMoments tiles;
  unsigned rows, block_rows;
};
template <int V, class T>
__global__ void __launch_bounds__(kColumnThreads) moments_kernel(MomentsPass<T> p) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V, c = p.tiles.c;
  Moments<V> m{};
  if (column < c)
    m = moments_of_rows<V, 8>(p.x, rows_of(blockIdx.y, p.block_rows, p.rows), c, column);
  merge_groups(m);
  if (threadIdx.y == 0 && column < c) p.tiles.put(blockIdx.y, column, column == 0, m);
}

// Of a column each. Where they are to be found: from tiles, or from all `rows` of x where there are
// none; moving ones may be null.
struct Statistics {
  float *mean, *variance, *moving_mean, *moving_variance;
  float momentum, rest;
  bool of_x;
  TileMoments tiles;
  unsigned rows;

  __device__ __forceinline__ void set(unsigned column, float m, float v) const {
    mean[column] = m;
    variance[column] = v;
    // With one check for both, nvcc forgets that they point to global memory.
    if (moving_mean) moving_mean[column] = momentum * moving_mean[column] + rest * m;
    if (moving_variance) moving_variance[column] = momentum * moving_variance[column] + rest * v;
  }
};
template <int V>
struct Scaling {
  Floats<V> center, variance;
};
// Those of V columns, for every thread. All threads of the block call it; the first block along the
// rows writes what it found.
template <int V, class T>
__device__ __forceinline__ Scaling<V> find_statistics(const Statistics& s, const T* x, unsigned c,
                                                      unsigned column) {
  Scaling<V> found{};
  if (!s.of_x) {
    for (int j = 0; j < V && column < c; ++j) {
      found.center.at[j] = s.mean[column + j];
      found.variance.at[j] = s.variance[column + j];
    }
    return found;
  }
  Moments<V> m{};
  if (column < c)
    m = s.tiles.tiles > 0 ? merge_tiles<V>(s.tiles, column)
                          : moments_of_rows<V, 2>(x, RowRange{0, s.rows}, c, column);
  merge_groups_for_all(m);
  const bool writes = blockIdx.y == 0 && threadIdx.y == 0 && column < c;
  for (int j = 0; j < V; ++j) {
    found.center.at[j] = m.at[j];
    found.variance.at[j] = m.at[2 * V] > 0 ? m.at[V + j] / m.at[2 * V] : 0.0f;
    if (writes) s.set(column + unsigned(j), found.center.at[j], found.variance.at[j]);
  }
  return found;
}

template <class T>
struct NormPass {
  const T *x, *residual;
  Statistics statistics;
  const float *gamma, *beta;
  T* y;
  std::uint8_t* code;
  float epsilon, keep_scale;
  std::int32_t threshold;  // of what is dropped
  bool relu, drops;
  std::uint64_t seed, stream;
  const std::uint64_t* stream_shift;
  Windows windows;
  unsigned count, c, block_rows;  // of windows
};

// Drops of V neighbouring elements of y those whose random words are too small.
template <int V, class T>
__device__ __forceinline__ void drop(const NormPass<T>& p, std::uint64_t stream, std::int64_t at,
                                     Floats<V>& value, Places<V>& place) {
  const auto words = philox_block(p.seed, stream, std::uint64_t(at) / 4);
  const auto drop_one = [&](int j, std::uint32_t word) {
    const bool keep = std::int32_t(word >> 8) >= p.threshold;
    value.at[j] = keep ? value.at[j] * p.keep_scale : 0.0f;
    place.at[j] = keep ? place.at[j] : unsigned(kNoGradient);
  };
  if constexpr (V == 4) {
    drop_one(0, words[0]);
    drop_one(1, words[1]);
    drop_one(2, words[2]);
    drop_one(3, words[3]);
  } else {
    const std::uint32_t low = at & 1 ? words[1] : words[0], high = at & 1 ? words[3] : words[2];
    drop_one(0, at & 2 ? high : low);
  }
}

template <int V, int places, class T>
__global__ void __launch_bounds__(kColumnThreads, norm_blocks_at_once(places))
    batch_norm_kernel(NormPass<T> p) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  const auto [center, variance] = find_statistics<V>(p.statistics, p.x, p.c, column);
  if (column >= p.c) return;
  Floats<V> scale, shift;
  for (int j = 0; j < V; ++j) {
    scale.at[j] = 1.0f / sqrtf(variance.at[j] + p.epsilon);
    if (p.gamma) scale.at[j] *= p.gamma[column + j];
    shift.at[j] = p.beta ? p.beta[column + j] : 0.0f;
  }
  const std::uint64_t stream = p.stream + (p.stream_shift ? *p.stream_shift : 0);
  const RowRange range = rows_of(blockIdx.y, p.block_rows, p.count);
  for (unsigned i = range.begin + threadIdx.y; i < range.end; i += blockDim.y) {
    const Window window = window_at<places>(p.windows, i);
    const std::int64_t first = std::int64_t(window.x) * p.c + column;
    Floats<V> in[places], best;
    Places<V> place{};
    for (int k = 0; k < places; ++k)
      in[k] = load_floats<V>(p.x + first + place_offset(k, p.windows.w, p.c));
    for (int k = 0; k < places; ++k) {
      Floats<V> more{};
      if (p.residual) more = load_floats<V>(p.residual + first + place_offset(k, p.windows.w, p.c));
      for (int j = 0; j < V; ++j) {
        float value = (in[k].at[j] - center.at[j]) * scale.at[j] + shift.at[j];
        if (p.residual) value += more.at[j];
        // A NaN wins: it must not vanish on its way.
        const bool better = k == 0 || value > best.at[j] || value != value;
        best.at[j] = better ? value : best.at[j];
        place.at[j] = better ? unsigned(k) : place.at[j];
      }
    }
    if (p.relu) {
      for (int j = 0; j < V; ++j) {
        place.at[j] = best.at[j] > 0 ? place.at[j] : unsigned(kNoGradient);
        best.at[j] = best.at[j] < 0 ? 0.0f : best.at[j];
      }
    }
    const std::int64_t to = std::int64_t(i) * p.c + column;
    if (p.drops) drop(p, stream, to, best, place);
    store_floats(p.y + to, best);
    if (p.code) store_places(p.code + to, place);
  }
}

Statistics statistics_of(const BatchNormArgs& a) {
  const NormStatistics& s = a.statistics;
  return {.mean = static_cast<float*>(a.mean),
          .variance = static_cast<float*>(a.variance),
          .moving_mean = static_cast<float*>(s.moving_mean),
          .moving_variance = static_cast<float*>(s.moving_variance),
          .momentum = float(s.momentum),
          .rest = float(1 - s.momentum),
          .of_x = s.of_x,
          .tiles = {.at = const_cast<float*>(s.tiles),
                    .tiles = unsigned(s.tile_count),
                    .c = unsigned(a.shape.c)},
          .rows = unsigned(a.shape.rows())};
}

// Those of tiles of x's rows, in the workspace.
template <class T>
TileMoments find_tiles(const T* x, std::int64_t rows, std::int64_t c, StreamHandle stream) {
  const int width = c % 4 == 0 && aligned16(x) ? 4 : 1;
  const ColumnPlan plan = tile_plan(rows, c, width, 8);
  const std::size_t floats = TileMoments::floats(plan.blocks, std::size_t(c));
  const TileMoments tiles{.at = static_cast<float*>(workspace(floats * sizeof(float))),
                          .tiles = plan.blocks,
                          .c = unsigned(c)};
  launch({.name = "moments",
          .stream = stream,
          .grid = plan.grid(),
          .block = plan.block(),
          .shared = width == 4 ? sizeof(GroupMemory<Moments<4>>) : sizeof(GroupMemory<Moments<1>>)},
         width == 4 ? moments_kernel<4, T> : moments_kernel<1, T>,
         MomentsPass<T>{x, tiles, unsigned(rows), plan.rows});
  return tiles;
}

}  // namespace

template <class T>
void batch_norm(const BatchNormArgs& a, StreamHandle stream) {
  const NormShape& s = a.shape;
  const bool of_x = a.statistics.of_x;
  if (s.c <= 0 || (s.outputs() == 0 && !of_x)) return;
  check_rows("batch_norm", s.rows(), s.c);
  const std::int64_t count = s.outputs() / s.c;
  NormPass<T> p{.x = static_cast<const T*>(a.x),
                .residual = static_cast<const T*>(a.residual),
                .statistics = statistics_of(a),
                .gamma = static_cast<const float*>(a.gamma),
                .beta = static_cast<const float*>(a.beta_),
                .y = static_cast<T*>(a.y),
                .code = a.code,
                .epsilon = float(a.epsilon),
                .keep_scale = float(1 / (1 - a.dropout.rate)),
                .threshold = dropout_threshold(a.dropout.rate),
                .relu = a.relu,
                .drops = a.dropout.rate > 0,
                .seed = a.dropout.seed,
                .stream = a.dropout.stream,
                .stream_shift = a.dropout.stream_shift,
                .windows = Windows::of(s, false),
                .count = unsigned(count),
                .c = unsigned(s.c),
                .block_rows = 0};
  const bool by_four = s.c % 4 == 0 && aligned16(p.x, p.residual, p.y, p.code);
  const int width = by_four ? 4 : 1;
  const int at_once = norm_blocks_at_once(s.pool ? 4 : 1);
  ColumnPlan plan = merging_plan(s, count, width, 0, at_once);
  TileMoments& tiles = p.statistics.tiles;
  if (of_x && tiles.tiles == 0 && !one_block(s.rows(), plan))
    tiles = find_tiles(p.x, s.rows(), s.c, stream);
  if (tiles.tiles > 0) plan = merging_plan(s, count, width, tiles.tiles, at_once);
  p.block_rows = plan.rows;
  for_norm_shape(by_four, s.pool, [&]<int V, int places>() {
    launch({.name = "batch_norm",
            .stream = stream,
            .grid = plan.grid(),
            .block = plan.block(),
            .shared = of_x ? sizeof(GroupMemory<Moments<V>>) : 0},
           batch_norm_kernel<V, places, T>, p);
  });
}

template void batch_norm<float>(const BatchNormArgs&, StreamHandle);
template void batch_norm<bf16>(const BatchNormArgs&, StreamHandle);

}  // namespace mien::cuda
