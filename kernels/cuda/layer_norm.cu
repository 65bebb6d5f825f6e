// Layer normalization: each row of [rows, c] by its own mean and deviation.
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/rows.cuh"
#include "kernels/cuda/workspace.h"

namespace mien::cuda {
namespace {

template <class T>
struct LayerNorm {
  const T* x;
  const float *gamma, *beta;
  float epsilon;
  T* y;
  float *mean, *rstd;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const T* from = x + row.begin;
    T* to = y + row.begin;
    const float share = 1.0f / float(row.cols);
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) sum += as_float(from[c]);
    const float near = row.sum(sum) * share;
    // The mean of what is left corrects the mean, as if it had been made in double.
    float2 rest = make_float2(0, 0);
    for (int c = row.lane; c < row.end; c += team) {
      const float distance = as_float(from[c]) - near;
      rest.x += distance;
      rest.y += distance * distance;
    }
    rest = row.sum(rest);
    const float off = rest.x * share, center = near + off;
    const float variance = fmaxf(rest.y * share - off * off, 0.0f);
    const float scale = 1.0f / sqrtf(variance + epsilon);
    for (int c = row.lane; c < row.end; c += team) {
      const float normal = (as_float(from[c]) - center) * scale;
      to[c] = from_float<T>(normal * (gamma ? gamma[c] : 1.0f) + (beta ? beta[c] : 0.0f));
    }
    if (row.first()) {
      mean[row.index] = center;
      rstd[row.index] = scale;
    }
  }
};

template <class T>
struct LayerNormGrad {
  const T *dy, *x;
  const float *gamma, *mean, *rstd;
  T* dx;
  float dx_beta;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const T *g = dy + row.begin, *from = x + row.begin;
    T* to = dx + row.begin;
    const float center = mean[row.index], scale = rstd[row.index];
    float2 sums = make_float2(0, 0);  // of g = dy gamma and of g xhat
    for (int c = row.lane; c < row.end; c += team) {
      const float arriving = as_float(g[c]) * (gamma ? gamma[c] : 1.0f);
      sums.x += arriving;
      sums.y += arriving * ((as_float(from[c]) - center) * scale);
    }
    sums = row.sum(sums);
    const float shift = sums.x / float(row.cols), slope = sums.y / float(row.cols);
    for (int c = row.lane; c < row.end; c += team) {
      const float arriving = as_float(g[c]) * (gamma ? gamma[c] : 1.0f);
      const float normal = (as_float(from[c]) - center) * scale;
      const float fresh = scale * (arriving - shift - normal * slope);
      to[c] = from_float<T>(dx_beta == 0 ? fresh : dx_beta * as_float(to[c]) + fresh);
    }
  }
};

// Per block the sums over its rows of dy and of dy xhat: partial [block][2][c].
template <class T>
struct SumsPass {
  const T *dy, *x;
  const float *mean, *rstd;
  float* partial;
  unsigned rows, c, block_rows;
};
template <int V, class T>
__global__ void __launch_bounds__(kColumnThreads) layer_norm_sums_kernel(SumsPass<T> p) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  const RowRange range = rows_of(blockIdx.y, p.block_rows, p.rows);
  Sums<2 * V> sums{};
  for (unsigned r = range.begin + threadIdx.y; r < range.end && column < p.c; r += blockDim.y) {
    const std::int64_t at = std::int64_t(r) * p.c + column;
    const Floats<V> g = load_floats<V>(p.dy + at), x = load_floats<V>(p.x + at);
    const float center = p.mean[r], scale = p.rstd[r];
    for (int j = 0; j < V; ++j) {
      sums.at[j] += g.at[j];
      sums.at[V + j] += g.at[j] * (x.at[j] - center) * scale;
    }
  }
  merge_groups(sums);
  if (threadIdx.y > 0 || column >= p.c) return;
  float* to = p.partial + std::int64_t(blockIdx.y) * 2 * p.c + column;
  for (int j = 0; j < V; ++j) {
    to[j] = sums.at[j];
    to[p.c + j] = sums.at[V + j];
  }
}

struct Totals {
  const float* partial;
  unsigned blocks, c;
  float *dgamma, *dbeta;
  float dgamma_beta, dbeta_beta;
};
__global__ void __launch_bounds__(kColumnThreads) layer_norm_totals_kernel(Totals t) {
  const unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
  Sums<2> sums{};
  for (unsigned b = threadIdx.y; b < t.blocks && column < t.c; b += blockDim.y) {
    const float* from = t.partial + std::int64_t(b) * 2 * t.c + column;
    sums.merge({{from[0], from[t.c]}});
  }
  merge_groups(sums);
  if (threadIdx.y > 0 || column >= t.c) return;
  if (t.dbeta)
    t.dbeta[column] = sums.at[0] + (t.dbeta_beta == 0 ? 0.0f : t.dbeta_beta * t.dbeta[column]);
  if (t.dgamma)
    t.dgamma[column] = sums.at[1] + (t.dgamma_beta == 0 ? 0.0f : t.dgamma_beta * t.dgamma[column]);
}

template <class T>
void sum_columns(const LayerNormGradArgs& a, SumsPass<T> p, StreamHandle stream) {
  check_rows("layer_norm_grad", a.rows, a.c);
  const bool by_four = a.c % 4 == 0 && aligned16(p.dy, p.x);
  ColumnPlan plan{};  // of no blocks, where there are no rows
  if (a.rows > 0)
    plan = column_plan(a.rows, a.c, by_four ? 4 : 1, 4, std::int64_t(properties().sms) * 4);
  p.partial = static_cast<float*>(
      workspace(std::size_t(plan.blocks) * 2 * std::size_t(a.c) * sizeof(float)));
  p.rows = unsigned(a.rows);
  p.c = unsigned(a.c);
  p.block_rows = plan.rows;
  if (plan.blocks > 0) {
    launch({.name = "layer_norm_grad sums",
            .stream = stream,
            .grid = plan.grid(),
            .block = plan.block(),
            .shared = by_four ? sizeof(GroupMemory<Sums<8>>) : sizeof(GroupMemory<Sums<2>>)},
           by_four ? layer_norm_sums_kernel<4, T> : layer_norm_sums_kernel<1, T>, p);
  }
  const ColumnPlan merge = merge_plan(plan.blocks, a.c);
  launch({.name = "layer_norm_grad totals",
          .stream = stream,
          .grid = merge.grid(),
          .block = merge.block(),
          .shared = sizeof(GroupMemory<Sums<2>>)},
         layer_norm_totals_kernel,
         Totals{p.partial, plan.blocks, p.c, static_cast<float*>(a.dgamma),
                static_cast<float*>(a.dbeta), float(a.dgamma_beta), float(a.dbeta_beta)});
}

}  // namespace

template <class T>
void layer_norm(const LayerNormArgs& a, StreamHandle stream) {
  for_each_row(
      "layer_norm", stream, a.rows, a.c,
      LayerNorm<T>{static_cast<const T*>(a.x), static_cast<const float*>(a.gamma),
                   static_cast<const float*>(a.beta_), float(a.epsilon), static_cast<T*>(a.y),
                   static_cast<float*>(a.mean), static_cast<float*>(a.rstd)});
}

template <class T>
void layer_norm_grad(const LayerNormGradArgs& a, StreamHandle stream) {
  if (a.c <= 0) return;
  const auto *dy = static_cast<const T*>(a.dy), *x = static_cast<const T*>(a.x);
  const auto *mean = static_cast<const float*>(a.mean), *rstd = static_cast<const float*>(a.rstd);
  // Before dx, which may take the place of dy.
  if (a.dgamma || a.dbeta) sum_columns(a, SumsPass<T>{dy, x, mean, rstd, nullptr, 0, 0, 0}, stream);
  if (!a.dx) return;
  for_each_row("layer_norm_grad", stream, a.rows, a.c,
               LayerNormGrad<T>{dy, x, static_cast<const float*>(a.gamma), mean, rstd,
                                static_cast<T*>(a.dx), float(a.dx_beta)});
}

template void layer_norm<float>(const LayerNormArgs&, StreamHandle);
template void layer_norm<bf16>(const LayerNormArgs&, StreamHandle);
template void layer_norm_grad<float>(const LayerNormGradArgs&, StreamHandle);
template void layer_norm_grad<bf16>(const LayerNormGradArgs&, StreamHandle);

}  // namespace mien::cuda
