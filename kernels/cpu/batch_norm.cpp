// Batch normalization over the rows of [rows, c]. Sums over the rows are made per block of rows,
// and the blocks merged in their order: the same bits for any number of threads.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/column_sums.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/vectorize.h"

namespace mien::cpu {
namespace {

// Columns that a pass over rows holds factors for on its stack; wide enough that rows are read in
// one run for usual sizes.
constexpr std::int64_t kTile = 512;

struct Block {
  std::int64_t begin, end;
};
Block block_of(std::int64_t piece, std::int64_t rows, std::int64_t c) {
  const std::int64_t size = norm_block_rows(rows, c);
  return {piece * size, std::min(rows, (piece + 1) * size)};
}

// Adds n_b values of mean mean_b and squared distances m2_b to the running ones (Chan, Golub,
// LeVeque, 1979): unlike E[x^2] - E[x]^2 it loses nothing where the mean is large.
template <class T>
void merge(double n, T& mean, T& m2, double n_b, T mean_b, T m2_b) {
  const double share = n_b / (n + n_b), delta = double(mean_b) - double(mean);
  mean = T(double(mean) + delta * share);
  m2 = T(double(m2) + double(m2_b) + delta * delta * n * share);
}

// Mean and m2 of one block. Groups of rows that fit the first cache level are read twice: for the
// mean and for the distances from it.
template <class T>
void block_moments(const T* x, Block rows, std::int64_t c, T* mean, T* m2) {
  const std::int64_t group = std::max<std::int64_t>(1, 4096 / c);
  for (std::int64_t first = rows.begin; first < rows.end; first += group) {
    const std::int64_t last = std::min(rows.end, first + group), n = last - first;
    const T inverse = T(1) / T(n);
    for_column_tiles(c, [&]<int width>(std::int64_t k) {
      T sum[width] = {}, square[width] = {};
      for (std::int64_t r = first; r < last; ++r)
        for (int j = 0; j < width; ++j) sum[j] += x[r * c + k + j];
      for (int j = 0; j < width; ++j) sum[j] *= inverse;
      for (std::int64_t r = first; r < last; ++r)
        for (int j = 0; j < width; ++j) {
          const T d = x[r * c + k + j] - sum[j];
          square[j] += d * d;
        }
      for (int j = 0; j < width; ++j) {
        if (first == rows.begin) {
          mean[k + j] = sum[j];
          m2[k + j] = square[j];
        } else {
          merge(double(first - rows.begin), mean[k + j], m2[k + j], double(n), sum[j], square[j]);
        }
      }
    });
  }
}

template <class T>
T inverse_deviation(T variance, double epsilon) {
  return T(1 / std::sqrt(double(variance) + epsilon));
}

}  // namespace

template <class T>
void moments(const MomentsArgs& a, StreamHandle) {
  const T* x = static_cast<const T*>(a.x);
  T* partial = static_cast<T*>(a.scratch);
  const std::int64_t blocks = norm_blocks(a.rows, a.c);
  parallel_for(blocks, [&](std::int64_t piece) {
    T* mean = partial + piece * 2 * a.c;
    block_moments(x, block_of(piece, a.rows, a.c), a.c, mean, mean + a.c);
  });
  for (std::int64_t k = 0; k < a.c; ++k) {
    double n = 0, mean = 0, m2 = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const Block rows = block_of(b, a.rows, a.c);
      const double more = double(rows.end - rows.begin);
      merge(n, mean, m2, more, double(partial[b * 2 * a.c + k]),
            double(partial[b * 2 * a.c + a.c + k]));
      n += more;
    }
    static_cast<T*>(a.mean)[k] = T(mean);
    static_cast<T*>(a.variance)[k] = T(n > 0 ? m2 / n : 0);
  }
}

template <class T>
void batch_norm(const BatchNormArgs& a, StreamHandle) {
  const T *x = static_cast<const T*>(a.x), *mean = static_cast<const T*>(a.mean);
  const T *variance = static_cast<const T*>(a.variance), *gamma = static_cast<const T*>(a.gamma);
  const T* beta = static_cast<const T*>(a.beta_);
  T* y = static_cast<T*>(a.y);
  parallel_for(norm_blocks(a.rows, a.c), [&](std::int64_t piece) {
    const Block rows = block_of(piece, a.rows, a.c);
    for (std::int64_t k = 0; k < a.c; k += kTile) {
      const std::int64_t width = std::min(kTile, a.c - k);
      T center[kTile], scale[kTile], shift[kTile];
      for (std::int64_t j = 0; j < width; ++j) {
        center[j] = mean[k + j];
        scale[j] = inverse_deviation(variance[k + j], a.epsilon) * (gamma ? gamma[k + j] : T(1));
        shift[j] = beta ? beta[k + j] : T(0);
      }
      for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        const T* from = x + r * a.c + k;
        T* to = y + r * a.c + k;
        MIEN_IN_PLACE_LOOP
        for (std::int64_t j = 0; j < width; ++j)
          to[j] = (from[j] - center[j]) * scale[j] + shift[j];
      }
    }
  });
}

namespace {

// total[0 .. c): sum of dy; total[c .. 2c): sum of dy (x - mean).
template <class T>
void gradient_sums(const BatchNormGradArgs& a, T* total, T* partial) {
  const T *x = static_cast<const T*>(a.x), *dy = static_cast<const T*>(a.dy);
  const T* mean = static_cast<const T*>(a.mean);
  const std::int64_t blocks = norm_blocks(a.rows, a.c), c = a.c;
  parallel_for(blocks, [&](std::int64_t piece) {
    const Block rows = block_of(piece, a.rows, c);
    T* sums = partial + piece * 2 * c;
    for_column_tiles(c, [&]<int width>(std::int64_t k) {
      T center[width], plain[width] = {}, scaled[width] = {};
      for (int j = 0; j < width; ++j) center[j] = mean[k + j];
      for (std::int64_t r = rows.begin; r < rows.end; ++r)
        for (int j = 0; j < width; ++j) {
          const T g = dy[r * c + k + j];
          plain[j] += g;
          scaled[j] += g * (x[r * c + k + j] - center[j]);
        }
      for (int j = 0; j < width; ++j) {
        sums[k + j] = plain[j];
        sums[c + k + j] = scaled[j];
      }
    });
  });
  sum_blocks(partial, blocks, 2 * c, 2 * c, total);
}

// dx = beta dx + a dy + b (x - mean) + d, with the factors of each column.
template <class T>
void input_gradient(const BatchNormGradArgs& a, const T* total) {
  const T *x = static_cast<const T*>(a.x), *dy = static_cast<const T*>(a.dy);
  const T *mean = static_cast<const T*>(a.mean), *variance = static_cast<const T*>(a.variance);
  const T* gamma = static_cast<const T*>(a.gamma);
  T* dx = static_cast<T*>(a.dx);
  const T beta = T(a.dx_beta);
  parallel_for(norm_blocks(a.rows, a.c), [&](std::int64_t piece) {
    const Block rows = block_of(piece, a.rows, a.c);
    for (std::int64_t k = 0; k < a.c; k += kTile) {
      const std::int64_t width = std::min(kTile, a.c - k);
      T of_dy[kTile], of_x[kTile], constant[kTile], center[kTile];
      for (std::int64_t j = 0; j < width; ++j) {
        const double rstd = 1 / std::sqrt(double(variance[k + j]) + a.epsilon);
        const double factor = rstd * (gamma ? double(gamma[k + j]) : 1.0);
        const double share = a.through_statistics ? factor / double(a.rows) : 0.0;
        of_dy[j] = T(factor);
        of_x[j] = T(-share * rstd * rstd * double(total[a.c + k + j]));
        constant[j] = T(-share * double(total[k + j]));
        center[j] = mean[k + j];
      }
      for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        const std::int64_t at = r * a.c + k;
        if (beta == 0) {
          MIEN_IN_PLACE_LOOP
          for (std::int64_t j = 0; j < width; ++j)
            dx[at + j] = of_dy[j] * dy[at + j] + of_x[j] * (x[at + j] - center[j]) + constant[j];
        } else {
          MIEN_IN_PLACE_LOOP
          for (std::int64_t j = 0; j < width; ++j)
            dx[at + j] = beta * dx[at + j] + of_dy[j] * dy[at + j] +
                         of_x[j] * (x[at + j] - center[j]) + constant[j];
        }
      }
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
  T *total = static_cast<T*>(a.scratch), *partial = total + 2 * a.c;
  gradient_sums(a, total, partial);
  if (a.dx) input_gradient(a, total);
  write_sum(a.dbeta, a.dbeta_beta, a.c, total);
  const T* variance = static_cast<const T*>(a.variance);
  for (std::int64_t k = 0; k < a.c; ++k)
    total[a.c + k] *= inverse_deviation(variance[k], a.epsilon);
  write_sum(a.dgamma, a.dgamma_beta, a.c, total + a.c);
}

MIEN_INSTANTIATE(moments, MomentsArgs);
MIEN_INSTANTIATE(batch_norm, BatchNormArgs);
MIEN_INSTANTIATE(batch_norm_grad, BatchNormGradArgs);

}  // namespace mien::cpu
