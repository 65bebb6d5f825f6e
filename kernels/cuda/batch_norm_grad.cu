// The gradient of batch_norm and of what follows it in the same pass, two passes over memory.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/norm.cuh"
#include "kernels/cuda/workspace.h"

namespace mien::cuda {
namespace {

// What both passes read.
template <class T>
struct GradPass {
  const T *dy, *x, *y;
  const float *mean, *variance, *gamma, *beta;
  const std::uint8_t* code;
  float epsilon, keep_scale;
  Windows windows;
  unsigned count, c, block_rows;  // of cells
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

// Per block the sums of the arriving gradient g, and of g (x - mean): partial [block][2][c].
template <int V, int places, class T>
__global__ void __launch_bounds__(kColumnThreads) norm_sums_kernel(GradPass<T> p, float* partial) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  const RowRange range = rows_of(blockIdx.y, p.block_rows, p.count);
  Sums<2 * V> sums{};
  if (column < p.c) {
    Floats<V> center;
    for (int j = 0; j < V; ++j) center.at[j] = p.mean[column + j];
    FromOutput<V> winner{};
    if constexpr (places > 1) winner = from_output<V>(p, column);
    for (unsigned i = range.begin + threadIdx.y; i < range.end; i += blockDim.y) {
      const Window window = window_at<places>(p.windows, i);
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
                as_float(x[place_offset(int(g.place.at[j]), p.windows.w, p.c) + j]) - center.at[j];
      }
      for (int j = 0; j < V; ++j) {
        sums.at[j] += g.value.at[j];
        sums.at[V + j] += g.value.at[j] * distance.at[j];
      }
    }
  }
  merge_groups(sums);
  if (threadIdx.y > 0 || column >= p.c) return;
  float* to = partial + std::int64_t(blockIdx.y) * 2 * p.c + column;
  for (int j = 0; j < V; ++j) {
    to[j] = sums.at[j];
    to[p.c + j] = sums.at[V + j];
  }
}

struct Totals {
  const float *partial, *variance, *gamma;
  float *dgamma, *dbeta, *dx_sum;
  float dgamma_beta, dbeta_beta, epsilon;
  float inverse_rows;  // 0 where no gradient flows through the statistics
  float* factors;      // [3][c]: dx = the first g + the second (x - mean) + the third
  unsigned blocks, c;
};
__global__ void __launch_bounds__(kColumnThreads) norm_totals_kernel(Totals t) {
  const unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
  Sums<2> sums{};
  for (unsigned b = threadIdx.y; b < t.blocks && column < t.c; b += blockDim.y) {
    const float* from = t.partial + std::int64_t(b) * 2 * t.c + column;
    sums.merge({{from[0], from[t.c]}});
  }
  merge_groups(sums);
  if (threadIdx.y > 0 || column >= t.c) return;
  const float rstd = 1.0f / sqrtf(t.variance[column] + t.epsilon);
  const float factor = rstd * (t.gamma ? t.gamma[column] : 1.0f), share = factor * t.inverse_rows;
  t.factors[column] = factor;
  t.factors[t.c + column] = -share * rstd * rstd * sums.at[1];
  t.factors[2 * t.c + column] = -share * sums.at[0];
  if (t.dbeta) {
    const float old = t.dbeta_beta == 0 ? 0.0f : t.dbeta_beta * t.dbeta[column];
    t.dbeta[column] = old + sums.at[0];
  }
  if (t.dgamma) {
    const float old = t.dgamma_beta == 0 ? 0.0f : t.dgamma_beta * t.dgamma[column];
    t.dgamma[column] = old + sums.at[1] * rstd;
  }
  // What flows through the statistics takes away the sum of what arrives: no pass need add it up.
  if (t.dx_sum) t.dx_sum[column] = t.inverse_rows > 0 ? 0.0f : factor * sums.at[0];
}

template <class T>
struct Outputs {
  const float* factors;
  T *dx, *dresidual;
  float dx_beta, dresidual_beta;
};
template <int V, class T>
__device__ __forceinline__ void write(T* to, float beta, Floats<V> value) {
  if (beta != 0) {
    const Floats<V> old = load_floats<V>(to);
    for (int j = 0; j < V; ++j) value.at[j] += beta * old.at[j];
  }
  store_floats(to, value);
}

// All that a window reads is read before any of it is written: dx may be x, and dx or dresidual dy.
template <int V, int places, class T>
__global__ void __launch_bounds__(kColumnThreads)
    norm_gradient_kernel(GradPass<T> p, Outputs<T> out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  if (column >= p.c) return;
  Floats<V> center, of_g, of_x, constant;
  for (int j = 0; j < V; ++j) {
    center.at[j] = p.mean[column + j];
    of_g.at[j] = out.factors[column + j];
    of_x.at[j] = out.factors[p.c + column + j];
    constant.at[j] = out.factors[2 * p.c + column + j];
  }
  const RowRange range = rows_of(blockIdx.y, p.block_rows, p.count);
  for (unsigned i = range.begin + threadIdx.y; i < range.end; i += blockDim.y) {
    const Window window = window_at<places>(p.windows, i);
    const std::int64_t first = std::int64_t(window.x) * p.c + column;
    Arriving<V> g{};
    if (window.whole()) g = arriving_at<V>(p, std::int64_t(window.y) * p.c + column);
    Floats<V> x[places];
    for (int k = 0; k < places; ++k)
      if (out.dx && window.has(k))
        x[k] = load_floats<V>(p.x + first + place_offset(k, p.windows.w, p.c));
    for (int k = 0; k < places; ++k) {
      if (!window.has(k)) continue;
      const std::int64_t at = first + place_offset(k, p.windows.w, p.c);
      Floats<V> here, value;
      for (int j = 0; j < V; ++j)
        here.at[j] = places == 1 || g.place.at[j] == unsigned(k) ? g.value.at[j] : 0.0f;
      if (out.dx) {
        for (int j = 0; j < V; ++j)
          value.at[j] =
              of_g.at[j] * here.at[j] + (of_x.at[j] * (x[k].at[j] - center.at[j]) + constant.at[j]);
        write(out.dx + at, out.dx_beta, value);
      }
      if (out.dresidual) write(out.dresidual + at, out.dresidual_beta, here);
    }
  }
}

template <class T>
void set_cells(GradPass<T>& p, const NormShape& s, bool with_rest) {
  p.windows = Windows::of(s, with_rest);
  p.count = unsigned(s.pool ? s.n * p.windows.down * p.windows.across : s.rows());
}

}  // namespace

template <class T>
void batch_norm_grad(const BatchNormGradArgs& a, StreamHandle stream) {
  const NormShape& s = a.shape;
  if (s.c <= 0) return;
  check_rows("batch_norm_grad", s.rows(), s.c);
  GradPass<T> p{.dy = static_cast<const T*>(a.dy),
                .x = static_cast<const T*>(a.x),
                .y = static_cast<const T*>(a.y),
                .mean = static_cast<const float*>(a.mean),
                .variance = static_cast<const float*>(a.variance),
                .gamma = static_cast<const float*>(a.gamma),
                .beta = static_cast<const float*>(a.beta_),
                .code = a.code,
                .epsilon = float(a.epsilon),
                .keep_scale = float(1 / (1 - a.rate)),
                .windows = {},
                .count = 0,
                .c = unsigned(s.c),
                .block_rows = 0};
  const Outputs<T> out{.factors = nullptr,
                       .dx = static_cast<T*>(a.dx),
                       .dresidual = static_cast<T*>(a.dresidual),
                       .dx_beta = float(a.dx_beta),
                       .dresidual_beta = float(a.dresidual_beta)};
  const bool by_four = s.c % 4 == 0 && aligned16(p.dy, p.x, p.y, p.code, out.dx, out.dresidual);
  const int width = by_four ? 4 : 1;
  const std::int64_t sms = properties().sms;

  set_cells(p, s, false);
  const bool sums = a.through_statistics || a.dgamma || a.dbeta || a.dx_sum;
  ColumnPlan plan{};
  if (sums && p.count > 0) plan = column_plan(p.count, s.c, width, 4, sms * 4);
  Totals t{.partial = nullptr,
           .variance = p.variance,
           .gamma = p.gamma,
           .dgamma = static_cast<float*>(a.dgamma),
           .dbeta = static_cast<float*>(a.dbeta),
           .dx_sum = static_cast<float*>(a.dx_sum),
           .dgamma_beta = float(a.dgamma_beta),
           .dbeta_beta = float(a.dbeta_beta),
           .epsilon = p.epsilon,
           .inverse_rows = a.through_statistics && s.rows() > 0 ? float(1.0 / double(s.rows())) : 0,
           .factors = nullptr,
           .blocks = plan.blocks,
           .c = p.c};
  t.factors = static_cast<float*>(
      workspace((3 + 2 * std::size_t(t.blocks)) * std::size_t(s.c) * sizeof(float)));
  float* partial = t.factors + 3 * s.c;
  t.partial = partial;
  if (t.blocks > 0) {
    p.block_rows = plan.rows;
    for_norm_shape(by_four, s.pool, [&]<int V, int places>() {
      launch({.name = "batch_norm_grad, sums",
              .stream = stream,
              .grid = plan.grid(),
              .block = plan.block(),
              .shared = sizeof(GroupMemory<Sums<2 * V>>)},
             norm_sums_kernel<V, places, T>, p, partial);
    });
  }
  plan = merge_plan(t.blocks, s.c);
  launch({.name = "batch_norm_grad, totals",
          .stream = stream,
          .grid = plan.grid(),
          .block = plan.block(),
          .shared = sizeof(GroupMemory<Sums<2>>)},
         norm_totals_kernel, t);

  set_cells(p, s, true);
  if (p.count == 0 || (!out.dx && !out.dresidual)) return;
  Outputs<T> last = out;
  last.factors = t.factors;
  plan = column_plan(p.count, s.c, width, 2, sms * 8);
  p.block_rows = plan.rows;
  for_norm_shape(by_four, s.pool, [&]<int V, int places>() {
    launch(
        {.name = "batch_norm_grad", .stream = stream, .grid = plan.grid(), .block = plan.block()},
        norm_gradient_kernel<V, places, T>, p, last);
  });
}

template void batch_norm_grad<float>(const BatchNormGradArgs&, StreamHandle);
template void batch_norm_grad<bf16>(const BatchNormGradArgs&, StreamHandle);

}  // namespace mien::cuda
