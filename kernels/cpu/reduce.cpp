// Sums and extremes over axes. Sums run in double; how the work is cut depends on the shape alone.
#include <algorithm>
#include <limits>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

constexpr int kLanes = 8;    // independent partial results, so that a row vectorises
constexpr int kChunks = 64;  // most pieces of one long row
constexpr int kRowChunks = 16, kColumns = 256;  // most pieces of one block of columns, its width

template <class T>
struct Sum {
  using Acc = double;
  static constexpr Acc start = 0;
  static Acc fold(Acc acc, T x) { return acc + double(x); }
  static Acc join(Acc a, Acc b) { return a + b; }
  static T finish(Acc acc, double alpha, double beta, T old) {
    return beta == 0 ? T(alpha * acc) : T(beta * double(old) + alpha * acc);
  }
};
template <class T>
struct SquareSum : Sum<T> {
  static double fold(double acc, T x) { return acc + double(x) * double(x); }
};
// NaN where any is, as in PyTorch's amax and amin.
template <class T, bool largest>
struct Extreme {
  using Acc = T;
  static constexpr T start =
      largest ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  static T fold(T acc, T x) { return (largest ? x > acc : x < acc) || x != x ? x : acc; }
  static T join(T a, T b) { return fold(a, b); }
  static T finish(T acc, double, double, T) { return acc; }
};

// [outer, reduced, inner], after axes of size 1 are gone and neighbours of one sort are merged.
struct Groups {
  int count = 0;
  std::int64_t size[kMaxAxes];
  bool reduced[kMaxAxes];
};

Groups groups_of(const ReduceArgs& a) {
  Groups g;
  for (int i = 0; i < a.rank; ++i) {
    if (a.dims[i] == 1) continue;
    if (g.count > 0 && g.reduced[g.count - 1] == a.reduced[i]) {
      g.size[g.count - 1] *= a.dims[i];
    } else {
      g.size[g.count] = a.dims[i];
      g.reduced[g.count++] = a.reduced[i];
    }
  }
  return g;
}

template <class Op, class T>
typename Op::Acc fold_row(const T* x, std::int64_t n) {
  typename Op::Acc lane[kLanes];
  std::fill(lane, lane + kLanes, Op::start);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int k = 0; k < kLanes; ++k) lane[k] = Op::fold(lane[k], x[i + k]);
  for (int k = 0; i < n; ++i, ++k) lane[k] = Op::fold(lane[k], x[i]);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int k = 0; k < half; ++k) lane[k] = Op::join(lane[k], lane[k + half]);
  return lane[0];
}

// One row on several threads.
template <class Op, class T>
typename Op::Acc fold_long_row(const T* x, std::int64_t n) {
  typename Op::Acc partial[kChunks];
  const std::int64_t grain = std::max<std::int64_t>(kGrain, (n + kChunks - 1) / kChunks);
  const std::int64_t chunks = (n + grain - 1) / grain;
  parallel_for(chunks, [&](std::int64_t chunk) {
    const std::int64_t begin = chunk * grain;
    partial[chunk] = fold_row<Op>(x + begin, std::min(grain, n - begin));
  });
  typename Op::Acc acc = Op::start;
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) acc = Op::join(acc, partial[chunk]);
  return acc;
}

template <class Op, class T>
void reduce_rows(const ReduceArgs& a, std::int64_t rows, std::int64_t n) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  if (n > 4 * kGrain) {
    for (std::int64_t row = 0; row < rows; ++row)
      y[row] = Op::finish(fold_long_row<Op>(x + row * n, n), a.alpha, a.beta, y[row]);
    return;
  }
  parallel_ranges(rows, kGrain / std::max<std::int64_t>(1, std::min(n, kGrain)),
                  [&](std::int64_t begin, std::int64_t end) {
                    for (std::int64_t row = begin; row < end; ++row)
                      y[row] = Op::finish(fold_row<Op>(x + row * n, n), a.alpha, a.beta, y[row]);
                  });
}

// acc[j] of `width` columns over `rows` rows that lie `stride` apart.
template <class Op, class T>
void fold_columns(const T* x, std::int64_t rows, std::int64_t stride, std::int64_t width,
                  typename Op::Acc* acc) {
  std::fill(acc, acc + width, Op::start);
  for (std::int64_t row = 0; row < rows; ++row, x += stride)
    for (std::int64_t j = 0; j < width; ++j) acc[j] = Op::fold(acc[j], x[j]);
}

// x: [outer, rows, inner] -> [outer, inner].
template <class Op, class T>
void reduce_columns(const ReduceArgs& a, std::int64_t outer, std::int64_t rows,
                    std::int64_t inner) {
  using Acc = typename Op::Acc;
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  const std::int64_t blocks = (inner + kColumns - 1) / kColumns, pieces = outer * blocks;
  const std::int64_t work =
      std::max<std::int64_t>(1, rows * std::min<std::int64_t>(inner, kColumns));
  const auto width_of = [=](std::int64_t piece) {
    return std::min<std::int64_t>(kColumns, inner - piece % blocks * kColumns);
  };
  const auto source = [=](std::int64_t piece) {
    return x + piece / blocks * rows * inner + piece % blocks * kColumns;
  };
  const auto store = [=](std::int64_t piece, const Acc* acc) {
    T* to = y + piece / blocks * inner + piece % blocks * kColumns;
    const std::int64_t width = width_of(piece);
    for (std::int64_t j = 0; j < width; ++j) to[j] = Op::finish(acc[j], a.alpha, a.beta, to[j]);
  };
  if (pieces >= kRowChunks || work < 2 * kGrain) {
    parallel_ranges(pieces, std::max<std::int64_t>(1, kGrain / work),
                    [&](std::int64_t begin, std::int64_t end) {
                      Acc acc[kColumns];
                      for (std::int64_t piece = begin; piece < end; ++piece) {
                        fold_columns<Op>(source(piece), rows, inner, width_of(piece), acc);
                        store(piece, acc);
                      }
                    });
    return;
  }
  for (std::int64_t piece = 0; piece < pieces; ++piece) {  // few columns, many rows
    Acc partial[kRowChunks][kColumns];
    const std::int64_t width = width_of(piece), grain = (rows + kRowChunks - 1) / kRowChunks;
    const std::int64_t chunks = (rows + grain - 1) / grain;
    const T* from = source(piece);
    parallel_for(chunks, [&](std::int64_t chunk) {
      const std::int64_t begin = chunk * grain;
      fold_columns<Op>(from + begin * inner, std::min(grain, rows - begin), inner, width,
                       partial[chunk]);
    });
    for (std::int64_t chunk = 1; chunk < chunks; ++chunk)
      for (std::int64_t j = 0; j < width; ++j)
        partial[0][j] = Op::join(partial[0][j], partial[chunk][j]);
    store(piece, partial[0]);
  }
}

// Reduced axes with kept ones between them: one output after the other.
template <class Op, class T>
void reduce_scattered(const ReduceArgs& a, const Groups& g) {
  std::int64_t stride[kMaxAxes], step = 1, outputs = 1, terms = 1;
  for (int i = g.count - 1; i >= 0; --i) {
    stride[i] = step;
    step *= g.size[i];
    (g.reduced[i] ? terms : outputs) *= g.size[i];
  }
  const auto offset = [&](std::int64_t index, bool reduced) {
    std::int64_t at = 0;
    for (int i = g.count - 1; i >= 0; --i) {
      if (g.reduced[i] != reduced) continue;
      at += index % g.size[i] * stride[i];
      index /= g.size[i];
    }
    return at;
  };
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  const int last = g.reduced[g.count - 1] ? g.count - 1 : g.count - 2;
  const std::int64_t length = g.size[last];
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, terms));
  parallel_ranges(outputs, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t out = begin; out < end; ++out) {
      const T* base = x + offset(out, false);
      typename Op::Acc acc = Op::start;
      for (std::int64_t term = 0; term < terms; term += length) {
        const T* line = base + offset(term, true);
        for (std::int64_t i = 0; i < length; ++i) acc = Op::fold(acc, line[i * stride[last]]);
      }
      y[out] = Op::finish(acc, a.alpha, a.beta, y[out]);
    }
  });
}

template <class Op, class T>
void reduce_by(const ReduceArgs& a) {
  const Groups g = groups_of(a);
  if (g.count == 0) return reduce_rows<Op, T>(a, 1, 1);
  const bool* r = g.reduced;
  const std::int64_t* n = g.size;
  if (g.count == 1 && r[0]) return reduce_rows<Op, T>(a, 1, n[0]);
  if (g.count == 1) return reduce_rows<Op, T>(a, n[0], 1);
  if (g.count == 2 && r[1]) return reduce_rows<Op, T>(a, n[0], n[1]);
  if (g.count == 2) return reduce_columns<Op, T>(a, 1, n[0], n[1]);
  if (g.count == 3 && r[1]) return reduce_columns<Op, T>(a, n[0], n[1], n[2]);
  reduce_scattered<Op, T>(a, g);
}

}  // namespace

template <class T>
void reduce(const ReduceArgs& a, StreamHandle) {
  switch (a.op) {
    case ReduceOp::sum:
      return reduce_by<Sum<T>, T>(a);
    case ReduceOp::max:
      return reduce_by<Extreme<T, true>, T>(a);
    case ReduceOp::min:
      return reduce_by<Extreme<T, false>, T>(a);
  }
}

template <class T>
void square_sum(const SquareSumArgs& a, StreamHandle) {
  *a.y = fold_long_row<SquareSum<T>>(static_cast<const T*>(a.x), a.n);
}

template <class T>
void argmax(const ArgmaxArgs& a, StreamHandle) {
  const T* x = static_cast<const T*>(a.x);
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, a.axis));
  parallel_ranges(a.outer * a.inner, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      const T* line = x + at / a.inner * a.axis * a.inner + at % a.inner;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < a.axis; ++i) {
        const T value = line[i * a.inner], so_far = line[best * a.inner];
        // A NaN counts as the largest, as in NumPy and PyTorch.
        if (value > so_far || (value != value && so_far == so_far)) best = i;
      }
      a.y[at] = std::int32_t(best);
    }
  });
}

MIEN_INSTANTIATE(reduce, ReduceArgs);
MIEN_INSTANTIATE(square_sum, SquareSumArgs);
MIEN_INSTANTIATE(argmax, ArgmaxArgs);

}  // namespace mien::cpu
