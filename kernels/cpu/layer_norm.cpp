// Layer normalization: each row of [rows, c] by its own mean and deviation.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/column_sums.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/vectorize.h"

namespace mien::cpu {

template <class T>
void layer_norm(const LayerNormArgs& a, StreamHandle) {
  const T *gamma = static_cast<const T*>(a.gamma), *beta = static_cast<const T*>(a.beta_);
  parallel_ranges(a.rows, norm_block_rows(a.rows, a.c), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const T* x = static_cast<const T*>(a.x) + r * a.c;
      T* y = static_cast<T*>(a.y) + r * a.c;
      double sum = 0, square = 0;
      for (std::int64_t k = 0; k < a.c; ++k) sum += double(x[k]);
      const double mean = sum / double(a.c);
      for (std::int64_t k = 0; k < a.c; ++k)
        square += (double(x[k]) - mean) * (double(x[k]) - mean);
      const T center = T(mean), rstd = T(1 / std::sqrt(square / double(a.c) + a.epsilon));
      for (std::int64_t k = 0; k < a.c; ++k)
        y[k] = (x[k] - center) * rstd * (gamma ? gamma[k] : T(1)) + (beta ? beta[k] : T(0));
      static_cast<T*>(a.mean)[r] = center;
      static_cast<T*>(a.rstd)[r] = rstd;
    }
  });
}

template <class T>
void layer_norm_grad(const LayerNormGradArgs& a, StreamHandle) {
  const T *gamma = static_cast<const T*>(a.gamma), *means = static_cast<const T*>(a.mean);
  const T* rstds = static_cast<const T*>(a.rstd);
  T *total = static_cast<T*>(a.scratch), *partial = total + 2 * a.c;
  const bool sums_wanted = a.dgamma || a.dbeta;
  const std::int64_t size = norm_block_rows(a.rows, a.c), blocks = norm_blocks(a.rows, a.c);
  parallel_for(blocks, [&](std::int64_t piece) {
    T *of_beta = partial + piece * 2 * a.c, *of_gamma = of_beta + a.c;
    if (sums_wanted) std::fill(of_beta, of_beta + 2 * a.c, T(0));
    for (std::int64_t r = piece * size; r < std::min(a.rows, (piece + 1) * size); ++r) {
      const T *x = static_cast<const T*>(a.x) + r * a.c,
              *dy = static_cast<const T*>(a.dy) + r * a.c;
      const T mean = means[r], rstd = rstds[r];
      if (sums_wanted) {
        for (std::int64_t k = 0; k < a.c; ++k) {
          of_beta[k] += dy[k];
          of_gamma[k] += dy[k] * (x[k] - mean) * rstd;
        }
      }
      if (!a.dx) continue;
      double plain = 0, scaled = 0;  // means of g = dy gamma and of g xhat
      for (std::int64_t k = 0; k < a.c; ++k) {
        const double g = double(dy[k]) * (gamma ? double(gamma[k]) : 1.0);
        plain += g;
        scaled += g * double((x[k] - mean) * rstd);
      }
      const T shift = T(plain / double(a.c)), slope = T(scaled / double(a.c)), beta = T(a.dx_beta);
      T* dx = static_cast<T*>(a.dx) + r * a.c;
      MIEN_IN_PLACE_LOOP
      for (std::int64_t k = 0; k < a.c; ++k) {
        const T g = dy[k] * (gamma ? gamma[k] : T(1));
        const T fresh = rstd * (g - shift - (x[k] - mean) * rstd * slope);
        dx[k] = beta == 0 ? fresh : beta * dx[k] + fresh;
      }
    }
  });
  if (!sums_wanted) return;
  sum_blocks(partial, blocks, 2 * a.c, 2 * a.c, total);
  T *dbeta = static_cast<T*>(a.dbeta), *dgamma = static_cast<T*>(a.dgamma);
  for (std::int64_t k = 0; k < a.c; ++k) {
    if (dbeta) dbeta[k] = (a.dbeta_beta == 0 ? T(0) : T(a.dbeta_beta) * dbeta[k]) + total[k];
    if (dgamma)
      dgamma[k] = (a.dgamma_beta == 0 ? T(0) : T(a.dgamma_beta) * dgamma[k]) + total[a.c + k];
  }
}

MIEN_INSTANTIATE(layer_norm, LayerNormArgs);
MIEN_INSTANTIATE(layer_norm_grad, LayerNormGradArgs);

}  // namespace mien::cpu
