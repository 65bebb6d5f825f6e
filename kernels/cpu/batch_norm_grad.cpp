// The gradient of batch_norm and of what follows it in the same pass. Sums over the rows are made
// per piece of work, and added in the order of the pieces.
#include "kernels/cpu/column_sums.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/norm.h"

namespace mien::cpu {
namespace {

// The gradient that reaches each place of a window through what follows the normalization.
template <class T>
struct Arriving {
  const T* dy;
  const std::uint8_t* code;
  T keep_scale;

  T operator()(std::int64_t at, int place) const {
    if (!code) return dy[at];
    return code[at] == place ? keep_scale * dy[at] : T(0);
  }
};

// total[0 .. c): sum of the arriving gradient g; total[c .. 2c): sum of g (x - mean).
template <class T>
void gradient_sums(const BatchNormGradArgs& a, const Arriving<T>& g, T* total, T* partial) {
  const NormShape& s = a.shape;
  const T *x = static_cast<const T*>(a.x), *mean = static_cast<const T*>(a.mean);
  const Places at(s);
  parallel_for(s.pieces(), [&](std::int64_t piece) {
    T *plain = partial + piece * 2 * s.c, *scaled = plain + s.c;
    std::fill(plain, plain + 2 * s.c, T(0));
    for_windows(s, piece, [&]<int places, bool has_output>(std::int64_t from, std::int64_t to) {
      if constexpr (has_output) {
        for (int p = 0; p < places; ++p) {
          const T* in = x + from + at.offset[p];
          for (std::int64_t j = 0; j < s.c; ++j) {
            const T value = g(to + j, p);
            plain[j] += value;
            scaled[j] += value * (in[j] - mean[j]);
          }
        }
      }
    });
  });
  sum_blocks(partial, s.pieces(), 2 * s.c, 2 * s.c, total);
}

// dx = beta dx + a g + b (x - mean) + d, with the factors of each column.
template <class T>
void input_gradient(const BatchNormGradArgs& a, const Arriving<T>& g, const T* total, T* partial) {
  const NormShape& s = a.shape;
  const T *x = static_cast<const T*>(a.x), *mean = static_cast<const T*>(a.mean);
  const T *variance = static_cast<const T*>(a.variance), *gamma = static_cast<const T*>(a.gamma);
  T *dx = static_cast<T*>(a.dx), *dresidual = static_cast<T*>(a.dresidual);
  const T beta = T(a.dx_beta), residual_beta = T(a.dresidual_beta);
  const Places at(s);
  parallel_for(s.pieces(), [&](std::int64_t piece) {
    for (std::int64_t k = 0; k < s.c; k += kNormColumns) {
      const std::int64_t width = std::min(kNormColumns, s.c - k);
      T of_g[kNormColumns], of_x[kNormColumns], constant[kNormColumns], sum[kNormColumns] = {};
      for (std::int64_t j = 0; j < width; ++j) {
        const double rstd = 1 / std::sqrt(double(variance[k + j]) + a.epsilon);
        const double factor = rstd * (gamma ? double(gamma[k + j]) : 1.0);
        const double share = a.through_statistics ? factor / double(s.rows()) : 0.0;
        of_g[j] = T(factor);
        of_x[j] = T(-share * rstd * rstd * double(total[s.c + k + j]));
        constant[j] = T(-share * double(total[k + j]));
      }
      for_windows(s, piece, [&]<int places, bool has_output>(std::int64_t from, std::int64_t to) {
        T arriving[places][kNormColumns] = {};
        // Before anything is written: dx may be dy.
        if constexpr (has_output)
          for (int p = 0; p < places; ++p)
            for (std::int64_t j = 0; j < width; ++j) arriving[p][j] = g(to + k + j, p);
        for (int p = 0; p < places; ++p) {
          const std::int64_t first = from + at.offset[p] + k;
          for (std::int64_t j = 0; dx && j < width; ++j) {
            const T value =
                of_g[j] * arriving[p][j] + of_x[j] * (x[first + j] - mean[k + j]) + constant[j];
            dx[first + j] = beta == 0 ? value : beta * dx[first + j] + value;
            sum[j] += value;
          }
          for (std::int64_t j = 0; dresidual && j < width; ++j)
            dresidual[first + j] =
                (residual_beta == 0 ? T(0) : residual_beta * dresidual[first + j]) + arriving[p][j];
        }
      });
      std::copy(sum, sum + width, partial + piece * s.c + k);
    }
  });
}

template <class T>
void write_sum(void* out, double beta, std::int64_t c, const T* sums) {
  T* y = static_cast<T*>(out);
  for (std::int64_t k = 0; y && k < c; ++k) y[k] = (beta == 0 ? T(0) : T(beta) * y[k]) + sums[k];
}

}  // namespace

template <class T>
void batch_norm_grad(const BatchNormGradArgs& a, StreamHandle) {
  const std::int64_t c = a.shape.c;
  T *total = static_cast<T*>(a.scratch), *partial = total + 2 * c;
  const Arriving<T> g{static_cast<const T*>(a.dy), a.code, T(1 / (1 - a.rate))};
  if (a.through_statistics || a.dgamma || a.dbeta) {
    gradient_sums(a, g, total, partial);
  } else {
    std::fill(total, total + 2 * c, T(0));
  }
  if (a.dx || a.dresidual) input_gradient(a, g, total, partial);
  write_sum(a.dbeta, a.dbeta_beta, c, total);
  const T* variance = static_cast<const T*>(a.variance);
  for (std::int64_t k = 0; k < c; ++k) total[c + k] *= inverse_deviation(variance[k], a.epsilon);
  write_sum(a.dgamma, a.dgamma_beta, c, total + c);
  if (!a.dx_sum) return;
  sum_blocks(partial, a.shape.pieces(), c, c, total);
  write_sum(a.dx_sum, a.dx_sum_beta, c, total);
}

MIEN_INSTANTIATE(batch_norm_grad, BatchNormGradArgs);

}  // namespace mien::cpu
