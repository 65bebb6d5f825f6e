// The gradient of batch_norm and of what follows it in the same pass, two passes over memory; one
// kernel where there are few rows.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/norm.cuh"
#include "kernels/cuda/workspace.h"

namespace mien::cuda {
namespace {

// Cells that a pass goes through, and how many of them a block has.
struct Cells {
  Windows windows;
  unsigned count, block_rows;

  static Cells of(const NormShape& s, bool with_rest) {
    Cells all{.windows = Windows::of(s, with_rest), .count = 0, .block_rows = 0};
    all.count = unsigned(s.pool ? s.n * all.windows.down * all.windows.across : s.rows());
    return all;
  }
};
// What both passes read.
template <class T>
struct GradPass {
  const T *dy, *x, *y;
  const float *mean, *variance, *gamma, *beta;
  const std::uint8_t* code;
  float epsilon, keep_scale;
  Cells windows;  // that have an output
  unsigned c;
};

// The gradient that arrives at the places of a window: all of it at one of them.
template <int V>
struct Arriving {
  Floats<V> value;
  Places<V> place;
};
template <int V, class T>
__device__ __forceinline__ Arriving<V> arriving_at(const GradPass<T>& p, std::int64_t at) {
  Arriving<V> g{load_floats<V>(p.dy + at), {}};
  if (!p.code) return g;
  g.place = load_places<V>(p.code + at);
  for (int j = 0; j < V; ++j)
    g.value.at[j] = g.place.at[j] == kNoGradient ? 0.0f : g.value.at[j] * p.keep_scale;
  return g;
}

// x - mean of the windows' winners, from their outputs: y * scale + shift. Reading y spares reading
// all of x. Where gamma is small beside beta too little of x is left in y.
template <int V>
struct FromOutput {
  Floats<V> scale, shift;
  bool usable;  // for all columns of the thread
};
template <int V, class T>
__device__ __forceinline__ FromOutput<V> from_output(const GradPass<T>& p, unsigned column) {
  FromOutput<V> f;
  f.usable = p.y != nullptr;
  for (int j = 0; j < V; ++j) {
    const float gamma = p.gamma ? p.gamma[column + j] : 1.0f;
    const float beta = p.beta ? p.beta[column + j] : 0.0f;
    f.usable = f.usable && fabsf(gamma) > 1e-6f && 16 * fabsf(gamma) > fabsf(beta);
    const float deviation = sqrtf(p.variance[column + j] + p.epsilon) / gamma;
    f.scale.at[j] = deviation / p.keep_scale;
    f.shift.at[j] = -beta * deviation;
  }
  return f;
}

// Sums of the arriving gradient g, and of g (x - mean), of V columns over each groups-th window of
// a range.
template <int V, int places, class T>
__device__ __forceinline__ Sums<2 * V> sums_of_windows(const GradPass<T>& p, RowRange range,
                                                       unsigned column) {
  Sums<2 * V> sums{};
  Floats<V> center;
  for (int j = 0; j < V; ++j) center.at[j] = p.mean[column + j];
  FromOutput<V> winner{};
  if constexpr (places > 1) winner = from_output<V>(p, column);
  MIEN_UNROLL_TWO
  for (unsigned i = range.begin + threadIdx.y; i < range.end; i += blockDim.y) {
    const Window window = window_at<places>(p.windows.windows, i);
    const std::int64_t at = std::int64_t(window.y) * p.c + column;
    const T* x = p.x + std::int64_t(window.x) * p.c + column;
    const Arriving<V> g = arriving_at<V>(p, at);
    Floats<V> distance{};
    if constexpr (places == 1) {
      distance = load_floats<V>(x);
      for (int j = 0; j < V; ++j) distance.at[j] -= center.at[j];
    } else if (winner.usable) {
      distance = load_floats<V>(p.y + at);
      for (int j = 0; j < V; ++j)
        distance.at[j] = distance.at[j] * winner.scale.at[j] + winner.shift.at[j];
    } else {
      for (int j = 0; j < V; ++j)
        if (g.place.at[j] != kNoGradient)
          distance.at[j] =
              as_float(x[place_offset(int(g.place.at[j]), p.windows.windows.w, p.c) + j]) -
              center.at[j];
    }
    for (int j = 0; j < V; ++j) {
      sums.at[j] += g.value.at[j];
      sums.at[V + j] += g.value.at[j] * distance.at[j];
    }
  }
  return sums;
}

// Those of a block's windows: partial [block][2][c].
template <int V, int places, class T>
__global__ void __launch_bounds__(kColumnThreads) norm_sums_kernel(GradPass<T> p, float* partial) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  const RowRange range = rows_of(blockIdx.y, p.windows.block_rows, p.windows.count);
  Sums<2 * V> sums{};
  if (column < p.c) sums = sums_of_windows<V, places>(p, range, column);
  merge_groups(sums);
  if (threadIdx.y > 0 || column >= p.c) return;
  float* to = partial + std::int64_t(blockIdx.y) * 2 * p.c + column;
  for (int j = 0; j < V; ++j) {
    to[j] = sums.at[j];
    to[p.c + j] = sums.at[V + j];
  }
}

// Of V columns over each groups-th block.
template <int V>
__device__ __forceinline__ Sums<2 * V> sums_of_blocks(const float* partial, unsigned blocks,
                                                      unsigned c, unsigned column) {
  Sums<2 * V> sums{};
  MIEN_UNROLL_TWO
  for (unsigned b = threadIdx.y; b < blocks; b += blockDim.y) {
    const float* from = partial + std::int64_t(b) * 2 * c + column;
    const Floats<V> plain = load_floats<V>(from), scaled = load_floats<V>(from + c);
    for (int j = 0; j < V; ++j) {
      sums.at[j] += plain.at[j];
      sums.at[V + j] += scaled.at[j];
    }
  }
  return sums;
}

// What is made of the sums over all windows.
struct Totals {
  const float* partial;  // of `blocks`; where there are none, the sums are still to be made
  unsigned blocks;
  bool wanted;
  float *dgamma, *dbeta, *dx_sum;
  float dgamma_beta, dbeta_beta, dx_sum_beta;
  float inverse_rows;  // 0 where no gradient flows through the statistics
};
// sum = beta sum + value.
__device__ __forceinline__ void add_to(float* sum, unsigned column, float beta, float value) {
  if (sum) sum[column] = beta == 0 ? value : beta * sum[column] + value;
}
// dx = of_g g + of_x (x - mean) + constant.
template <int V>
struct Factors {
  Floats<V> of_g, of_x, constant;
};
// Those of V columns, for every thread. All threads of the block call it; the first block along the
// rows writes the sums that are asked for.
template <int V, int places, class T>
__device__ __forceinline__ Factors<V> find_factors(const GradPass<T>& p, const Totals& t,
                                                   unsigned column) {
  Sums<2 * V> sums{};
  if (t.wanted) {
    if (column < p.c)
      sums = t.blocks > 0 ? sums_of_blocks<V>(t.partial, t.blocks, p.c, column)
                          : sums_of_windows<V, places>(p, RowRange{0, p.windows.count}, column);
    merge_groups_for_all(sums);
  }
  Factors<V> f{};
  if (column >= p.c) return f;
  const bool writes = t.wanted && blockIdx.y == 0 && threadIdx.y == 0;
  for (int j = 0; j < V; ++j) {
    const unsigned at = column + unsigned(j);
    const float rstd = 1.0f / sqrtf(p.variance[at] + p.epsilon);
    const float factor = rstd * (p.gamma ? p.gamma[at] : 1.0f), share = factor * t.inverse_rows;
    f.of_g.at[j] = factor;
    f.of_x.at[j] = -share * rstd * rstd * sums.at[V + j];
    f.constant.at[j] = -share * sums.at[j];
    if (!writes) continue;
    add_to(t.dbeta, at, t.dbeta_beta, sums.at[j]);
    add_to(t.dgamma, at, t.dgamma_beta, sums.at[V + j] * rstd);
    // What flows through the statistics takes away the sum of what arrives: no pass need add it up.
    add_to(t.dx_sum, at, t.dx_sum_beta, t.inverse_rows > 0 ? 0.0f : factor * sums.at[j]);
  }
  return f;
}

template <class T>
struct Outputs {
  T *dx, *dresidual;
  float dx_beta, dresidual_beta;
  Cells cells;
};
template <int V, class T>
__device__ __forceinline__ void write(T* to, float beta, Floats<V> value) {
  if (beta != 0) {
    const Floats<V> old = load_floats<V>(to);
    for (int j = 0; j < V; ++j) value.at[j] += beta * old.at[j];
  }
  store_floats(to, value);
}

// All that a window reads is read before any of it is written, and all windows of a column before
// any where this kernel makes their sums: dx may be x, and dx or dresidual dy.
template <int V, int places, class T>
__global__ void __launch_bounds__(kColumnThreads, norm_grad_blocks_at_once(places))
    norm_gradient_kernel(GradPass<T> p, Totals t, Outputs<T> out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  const Factors<V> f = find_factors<V, places>(p, t, column);
  if (column >= p.c) return;
  Floats<V> center;
  for (int j = 0; j < V; ++j) center.at[j] = p.mean[column + j];
  const Windows& cells = out.cells.windows;
  const RowRange range = rows_of(blockIdx.y, out.cells.block_rows, out.cells.count);
  for (unsigned i = range.begin + threadIdx.y; i < range.end; i += blockDim.y) {
    const Window window = window_at<places>(cells, i);
    const std::int64_t first = std::int64_t(window.x) * p.c + column;
    Arriving<V> g{};
    if (window.whole()) g = arriving_at<V>(p, std::int64_t(window.y) * p.c + column);
    Floats<V> x[places];
    for (int k = 0; k < places; ++k)
      if (out.dx && window.has(k))
        x[k] = load_floats<V>(p.x + first + place_offset(k, cells.w, p.c));
    for (int k = 0; k < places; ++k) {
      if (!window.has(k)) continue;
      const std::int64_t at = first + place_offset(k, cells.w, p.c);
      Floats<V> here, value;
      for (int j = 0; j < V; ++j)
        here.at[j] = places == 1 || g.place.at[j] == unsigned(k) ? g.value.at[j] : 0.0f;
      if (out.dx) {
        for (int j = 0; j < V; ++j)
          value.at[j] = f.of_g.at[j] * here.at[j] +
                        (f.of_x.at[j] * (x[k].at[j] - center.at[j]) + f.constant.at[j]);
        write(out.dx + at, out.dx_beta, value);
      }
      if (out.dresidual) write(out.dresidual + at, out.dresidual_beta, here);
    }
  }
}

// The sums of blocks of windows, in the workspace.
template <class T>
void find_sums(const BatchNormGradArgs& a, GradPass<T> p, bool by_four, Totals& t,
               StreamHandle stream) {
  const ColumnPlan plan = tile_plan(p.windows.count, p.c, by_four ? 4 : 1, 4);
  p.windows.block_rows = plan.rows;
  auto* partial =
      static_cast<float*>(workspace(2 * std::size_t(plan.blocks) * p.c * sizeof(float)));
  for_norm_shape(by_four, a.shape.pool, [&]<int V, int places>() {
    launch({.name = "batch_norm_grad, sums",
            .stream = stream,
            .grid = plan.grid(),
            .block = plan.block(),
            .shared = sizeof(GroupMemory<Sums<2 * V>>)},
           norm_sums_kernel<V, places, T>, p, partial);
  });
  t.partial = partial;
  t.blocks = plan.blocks;
}

}  // namespace

template <class T>
void batch_norm_grad(const BatchNormGradArgs& a, StreamHandle stream) {
  const NormShape& s = a.shape;
  if (s.c <= 0) return;
  check_rows("batch_norm_grad", s.rows(), s.c);
  const GradPass<T> p{.dy = static_cast<const T*>(a.dy),
                      .x = static_cast<const T*>(a.x),
                      .y = static_cast<const T*>(a.y),
                      .mean = static_cast<const float*>(a.mean),
                      .variance = static_cast<const float*>(a.variance),
                      .gamma = static_cast<const float*>(a.gamma),
                      .beta = static_cast<const float*>(a.beta_),
                      .code = a.code,
                      .epsilon = float(a.epsilon),
                      .keep_scale = float(1 / (1 - a.rate)),
                      .windows = Cells::of(s, false),
                      .c = unsigned(s.c)};
  Outputs<T> out{.dx = static_cast<T*>(a.dx),
                 .dresidual = static_cast<T*>(a.dresidual),
                 .dx_beta = float(a.dx_beta),
                 .dresidual_beta = float(a.dresidual_beta),
                 .cells = Cells::of(s, true)};
  if (!out.dx && !out.dresidual) out.cells.count = 0;
  Totals t{
      .partial = nullptr,
      .blocks = 0,
      .wanted = a.through_statistics || a.dgamma || a.dbeta || a.dx_sum,
      .dgamma = static_cast<float*>(a.dgamma),
      .dbeta = static_cast<float*>(a.dbeta),
      .dx_sum = static_cast<float*>(a.dx_sum),
      .dgamma_beta = float(a.dgamma_beta),
      .dbeta_beta = float(a.dbeta_beta),
      .dx_sum_beta = float(a.dx_sum_beta),
      .inverse_rows = a.through_statistics && s.rows() > 0 ? float(1.0 / double(s.rows())) : 0};
  if (out.cells.count == 0 && !t.wanted) return;
  const bool by_four = s.c % 4 == 0 && aligned16(p.dy, p.x, p.y, p.code, out.dx, out.dresidual);
  const int width = by_four ? 4 : 1;
  const int at_once = norm_grad_blocks_at_once(s.pool ? 4 : 1);
  ColumnPlan plan = merging_plan(s, out.cells.count, width, 0, at_once);
  if (t.wanted && !one_block(s.rows(), plan)) {
    find_sums(a, p, by_four, t, stream);
    plan = merging_plan(s, out.cells.count, width, t.blocks, at_once);
  }
  out.cells.block_rows = plan.rows;
  for_norm_shape(by_four, s.pool, [&]<int V, int places>() {
    launch({.name = "batch_norm_grad",
            .stream = stream,
            .grid = plan.grid(),
            .block = plan.block(),
            .shared = t.wanted ? sizeof(GroupMemory<Sums<2 * V>>) : 0},
           norm_gradient_kernel<V, places, T>, p, t, out);
  });
}

template void batch_norm_grad<float>(const BatchNormGradArgs&, StreamHandle);
template void batch_norm_grad<bf16>(const BatchNormGradArgs&, StreamHandle);

}  // namespace mien::cuda
