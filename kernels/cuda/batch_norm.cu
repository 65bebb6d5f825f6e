// Moments of columns, and batch normalization with what follows it, in one pass over memory.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/norm.cuh"
#include "kernels/cuda/workspace.h"
#include "mien/base/philox.h"

namespace mien::cuda {
namespace {

// Of V columns: means, sums of squared distances from them, and of how many rows.
template <int V>
struct Moments {
  static constexpr int size = 2 * V + 1;
  float at[size];

  // Chan, Golub, LeVeque, 1979: unlike E[x^2] - E[x]^2 it loses nothing where the mean is large.
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

// Those of rows that are `step` elements apart, read once: the distances are from registers.
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

struct MomentsPass {
  const void* x;
  float* partial;  // [block][mean, sum of squared distances][c]
  unsigned rows, c, block_rows;
};
template <int V, class T>
__global__ void __launch_bounds__(kColumnThreads) moments_kernel(MomentsPass p) {
  constexpr unsigned kAtOnce = 8;
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V, step = blockDim.y;
  const RowRange range = rows_of(blockIdx.y, p.block_rows, p.rows);
  Moments<V> m{};
  if (column < p.c) {
    unsigned row = range.begin + threadIdx.y;
    const T* x = static_cast<const T*>(p.x) + std::int64_t(row) * p.c + column;
    const std::int64_t apart = std::int64_t(step) * p.c;
    for (; row + (kAtOnce - 1) * step < range.end; row += kAtOnce * step, x += kAtOnce * apart)
      m.merge(moments_of<V, kAtOnce>(x, apart));
    for (; row < range.end; row += step, x += apart) m.merge(moments_of<V, 1>(x, apart));
  }
  merge_groups(m);
  if (threadIdx.y > 0 || column >= p.c) return;
  float* to = p.partial + std::int64_t(blockIdx.y) * 2 * p.c + column;
  for (int j = 0; j < V; ++j) {
    to[j] = m.at[j];
    to[p.c + j] = m.at[V + j];
  }
}

// Of a column each; moving statistics may be null.
struct Statistics {
  float *mean, *variance, *moving_mean, *moving_variance;
  float momentum, rest;

  __device__ __forceinline__ void set(unsigned column, float m, float v) const {
    mean[column] = m;
    variance[column] = v;
    if (!moving_mean) return;
    moving_mean[column] = momentum * moving_mean[column] + rest * m;
    moving_variance[column] = momentum * moving_variance[column] + rest * v;
  }
};

__global__ void __launch_bounds__(kColumnThreads)
    merge_moments_kernel(MomentsPass p, unsigned blocks, Statistics out) {
  const unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
  Moments<1> m{};
  for (unsigned b = threadIdx.y; b < blocks && column < p.c; b += blockDim.y) {
    const float* from = p.partial + std::int64_t(b) * 2 * p.c + column;
    const RowRange range = rows_of(b, p.block_rows, p.rows);
    m.merge({{from[0], from[p.c], float(range.end - range.begin)}});
  }
  merge_groups(m);
  if (threadIdx.y > 0 || column >= p.c) return;
  out.set(column, m.at[0], m.at[2] > 0 ? m.at[1] / m.at[2] : 0.0f);
}

template <class T>
struct NormPass {
  const T *x, *residual;
  const float *mean, *variance, *gamma, *beta;
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
__global__ void __launch_bounds__(kColumnThreads) batch_norm_kernel(NormPass<T> p) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  if (column >= p.c) return;
  Floats<V> center, scale, shift;
  for (int j = 0; j < V; ++j) {
    center.at[j] = p.mean[column + j];
    scale.at[j] = 1.0f / sqrtf(p.variance[column + j] + p.epsilon);
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

}  // namespace

template <class T>
void moments(const MomentsArgs& a, StreamHandle stream) {
  if (a.c <= 0) return;
  check_rows("moments", a.rows, a.c);
  MomentsPass p{
      .x = a.x, .partial = nullptr, .rows = unsigned(a.rows), .c = unsigned(a.c), .block_rows = 1};
  unsigned blocks = 0;
  if (a.rows > 0) {
    const int width = a.c % 4 == 0 && aligned16(p.x) ? 4 : 1;
    const ColumnPlan plan = column_plan(a.rows, a.c, width, 8, std::int64_t(properties().sms) * 4);
    blocks = plan.blocks;
    p.block_rows = plan.rows;
    p.partial =
        static_cast<float*>(workspace(std::size_t(blocks) * 2 * std::size_t(a.c) * sizeof(float)));
    const Launch how{
        .name = "moments",
        .stream = stream,
        .grid = plan.grid(),
        .block = plan.block(),
        .shared = width == 4 ? sizeof(GroupMemory<Moments<4>>) : sizeof(GroupMemory<Moments<1>>)};
    launch(how, width == 4 ? moments_kernel<4, T> : moments_kernel<1, T>, p);
  }
  const ColumnPlan plan = merge_plan(blocks, a.c);
  launch({.name = "moments, merged",
          .stream = stream,
          .grid = plan.grid(),
          .block = plan.block(),
          .shared = sizeof(GroupMemory<Moments<1>>)},
         merge_moments_kernel, p, blocks,
         Statistics{static_cast<float*>(a.mean), static_cast<float*>(a.variance),
                    static_cast<float*>(a.moving_mean), static_cast<float*>(a.moving_variance),
                    float(a.momentum), float(1 - a.momentum)});
}

template <class T>
void batch_norm(const BatchNormArgs& a, StreamHandle stream) {
  const NormShape& s = a.shape;
  if (s.outputs() <= 0) return;
  check_rows("batch_norm", s.rows(), s.c);
  const std::int64_t count = s.outputs() / s.c;
  NormPass<T> p{.x = static_cast<const T*>(a.x),
                .residual = static_cast<const T*>(a.residual),
                .mean = static_cast<const float*>(a.mean),
                .variance = static_cast<const float*>(a.variance),
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
  const ColumnPlan plan =
      column_plan(count, s.c, by_four ? 4 : 1, 2, std::int64_t(properties().sms) * 8);
  p.block_rows = plan.rows;
  for_norm_shape(by_four, s.pool, [&]<int V, int places>() {
    launch({.name = "batch_norm", .stream = stream, .grid = plan.grid(), .block = plan.block()},
           batch_norm_kernel<V, places, T>, p);
  });
}

template void moments<float>(const MomentsArgs&, StreamHandle);
template void moments<bf16>(const MomentsArgs&, StreamHandle);
template void batch_norm<float>(const BatchNormArgs&, StreamHandle);
template void batch_norm<bf16>(const BatchNormArgs&, StreamHandle);

}  // namespace mien::cuda
