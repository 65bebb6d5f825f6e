// Batch normalization over the rows of [rows, c]. Sums over the rows are made per block of rows,
// and the blocks merged in their order: the same bits for any number of threads.
#include <algorithm>

#include "kernels/cpu/column_sums.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/norm.h"

namespace mien::cpu {
namespace {

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
void moments(const BatchNormArgs& a) {
  const T* x = static_cast<const T*>(a.x);
  T* partial = static_cast<T*>(a.statistics.scratch);
  const std::int64_t rows = a.shape.rows(), c = a.shape.c, blocks = norm_blocks(rows, c);
  parallel_for(blocks, [&](std::int64_t piece) {
    T* mean = partial + piece * 2 * c;
    block_moments(x, block_of(piece, rows, c), c, mean, mean + c);
  });
  for (std::int64_t k = 0; k < c; ++k) {
    double n = 0, mean = 0, m2 = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const Block block = block_of(b, rows, c);
      const double more = double(block.end - block.begin);
      merge(n, mean, m2, more, double(partial[b * 2 * c + k]), double(partial[b * 2 * c + c + k]));
      n += more;
    }
    static_cast<T*>(a.mean)[k] = T(mean);
    static_cast<T*>(a.variance)[k] = T(n > 0 ? m2 / n : 0);
  }
}

}  // namespace

template <class T>
void batch_norm(const BatchNormArgs& a, StreamHandle) {
  if (a.statistics.of_x) moments<T>(a);
  const NormShape& s = a.shape;
  const T *x = static_cast<const T*>(a.x), *residual = static_cast<const T*>(a.residual);
  const T *mean = static_cast<const T*>(a.mean), *variance = static_cast<const T*>(a.variance);
  const T *gamma = static_cast<const T*>(a.gamma), *beta = static_cast<const T*>(a.beta_);
  T* y = static_cast<T*>(a.y);
  const T keep_scale = T(1 / (1 - a.dropout.rate));
  const std::int32_t threshold = dropout_threshold(a.dropout.rate);
  const Places at(s);
  parallel_for(s.pieces(), [&](std::int64_t piece) {
    Draws draws(a.dropout);
    for (std::int64_t k = 0; k < s.c; k += kNormColumns) {
      const std::int64_t width = std::min(kNormColumns, s.c - k);
      T center[kNormColumns], scale[kNormColumns], shift[kNormColumns];
      for (std::int64_t j = 0; j < width; ++j) {
        center[j] = mean[k + j];
        scale[j] = inverse_deviation(variance[k + j], a.epsilon) * (gamma ? gamma[k + j] : T(1));
        shift[j] = beta ? beta[k + j] : T(0);
      }
      for_windows(s, piece, [&]<int places, bool has_output>(std::int64_t from, std::int64_t to) {
        if constexpr (has_output) {
          T best[kNormColumns];
          std::uint8_t place[kNormColumns] = {};
          for (int p = 0; p < places; ++p) {
            const T* in = x + from + at.offset[p] + k;
            const T* more = residual ? residual + from + at.offset[p] + k : nullptr;
            for (std::int64_t j = 0; j < width; ++j) {
              T value = (in[j] - center[j]) * scale[j] + shift[j];
              if (more) value += more[j];
              // A NaN wins: it must not vanish on its way.
              const bool better = p == 0 || value > best[j] || value != value;
              best[j] = better ? value : best[j];
              place[j] = better ? std::uint8_t(p) : place[j];
            }
          }
          const std::int64_t out = to + k;
          if (a.relu) {
            for (std::int64_t j = 0; j < width; ++j) {
              place[j] = best[j] > 0 ? place[j] : kNoGradient;
              best[j] = best[j] < 0 ? T(0) : best[j];
            }
          }
          if (a.dropout.rate > 0) {
            const std::int32_t* draw = draws.at(out, width, out + width);
            for (std::int64_t j = 0; j < width; ++j) {
              const bool keep = draw[j] >= threshold;
              place[j] = keep ? place[j] : kNoGradient;
              best[j] = keep ? keep_scale * best[j] : T(0);
            }
          }
          std::copy(best, best + width, y + out);
          if (a.code) std::copy(place, place + width, a.code + out);
        }
      });
    }
  });
}

MIEN_INSTANTIATE(batch_norm, BatchNormArgs);

}  // namespace mien::cpu
