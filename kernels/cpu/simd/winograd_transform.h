#pragma once

#include "kernels/cpu/simd/simd.h"

// The transforms of Winograd's (Cook and Toom's) convolution. A tile of m x m outputs of r x r
// filters is
//   Y = A^T [(G g G^T) . (B^T d B)] A,   d: the t x t inputs that it sees, t = m + r - 1,
// (Lavin and Gray, 2016): polynomials are multiplied through their values at t points, 0, 1, -1, 2,
// -2, 1/2, -1/2 in this order and infinity. B depends on t alone. A gradient of the filters is the
// same with sizes exchanged: dy's tiles (m x m) are the filters, r x r the outputs.
//
// The rounding error grows with t. Largest difference by largest value, against the same in double,
// of convolutions of random numbers with up to 512 channels: F(2,3) 5e-7 (as direct), F(3,3) 3e-6,
// F(4,3) 6e-6, F(6,3) 2e-5, F(2,5) 5e-6, F(4,5) 8e-6.
//
// All matrices are known to the compiler: zeros cost nothing, and the two rows of points p and -p
// share their even and odd halves. Frequency f = i * t + j: i from the rows, j from the columns.

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr int kMostPoints = 8;

/// A number known at compile time, as a function's argument.
template <int value>
struct Constant {
  constexpr operator int() const { return value; }
};
/// body(Constant<i>{}) for i in [begin, end), one after the other and never as a loop.
template <int begin, int end, class Body>
MIEN_INLINE void unroll(const Body& body) {
  if constexpr (begin < end) {
    body(Constant<begin>{});
    unroll<begin + 1, end>(body);
  }
}

/// The matrices for t points; the last is infinity.
template <int t>
struct CookToom {
  static_assert(4 <= t && t <= kMostPoints);
  static constexpr int finite = t - 1;
  static constexpr double points[kMostPoints - 1] = {0, 1, -1, 2, -2, .5, -.5};

  /// Point j is the first of a pair p, -p (the second is j + 1).
  static constexpr bool first_of_pair(int j) { return j % 2 == 1 && j + 1 < finite; }
  static constexpr bool second_of_pair(int j) { return j > 0 && j % 2 == 0 && j < finite; }

  static constexpr double power(double x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }

  /// Coefficient of x^k in the product of (x - point) over all finite points but those in [skip,
  /// skip + count).
  static constexpr double product(int skip, int count, int k) {
    double c[kMostPoints + 1] = {1};
    for (int l = 0, degree = 0; l < finite; ++l) {
      if (skip <= l && l < skip + count) continue;
      ++degree;
      for (int e = degree; e > 0; --e) c[e] = c[e - 1] - points[l] * c[e];
      c[0] *= -points[l];
    }
    return c[k];
  }
  /// What row j of B is to be divided by; G takes it.
  static constexpr double divisor(int j) {
    double n = 1;
    for (int l = 0; l < finite; ++l)
      if (l != j) n *= points[j] - points[l];
    return n;
  }
};

/// sum of Row::at(k) * in[k] over k < n. The last comes first: in B it is 1.
template <class Row, int n, bool first = true>
MIEN_INLINE Vec combine(const Vec* in, Vec sum = Vec{}) {
  if constexpr (n == 0) {
    return sum;
  } else {
    constexpr double c = Row::at(n - 1);
    if constexpr (c == 0) {
      return combine<Row, n - 1, first>(in, sum);
    } else if constexpr (first) {
      return combine<Row, n - 1, false>(in, c == 1 ? in[n - 1] : float(c) * in[n - 1]);
    } else if constexpr (c == 1) {
      return combine<Row, n - 1, false>(in, sum + in[n - 1]);
    } else if constexpr (c == -1) {
      return combine<Row, n - 1, false>(in, sum - in[n - 1]);
    } else {
      return combine<Row, n - 1, false>(in, sum + float(c) * in[n - 1]);
    }
  }
}

// ---- one dimension ----

/// Row of B: the product over all finite points but [skip, skip + count).
template <int t, int skip, int count>
struct InputRow {
  static constexpr double at(int k) { return CookToom<t>::product(skip, count, k); }
};

/// v = B^T d.
template <int t>
MIEN_INLINE void input_transform_1d(const Vec* d, Vec* v) {
  using Points = CookToom<t>;
  unroll<0, t>([=](auto j) __attribute__((always_inline)) {
    constexpr int i = j;
    if constexpr (Points::first_of_pair(i)) {
      // (x + p) q(x) and (x - p) q(x), q without both points
      using Row = InputRow<t, i, 2>;
      constexpr float p = float(Points::points[i]);
      const Vec even = combine<Row, t - 2>(d + 1), odd = combine<Row, t - 2>(d);
      v[i] = even + p * odd;
      v[i + 1] = even - p * odd;
    } else if constexpr (i == t - 1) {
      v[i] = combine<InputRow<t, t, 0>, t>(d);
    } else if constexpr (!Points::second_of_pair(i)) {
      v[i] = combine<InputRow<t, i, 1>, t - 1>(d);
    }
  });
}

/// Row of G at point j: its even or its odd columns only, or (parity 2) all of them.
template <int t, int r, int j, int parity, bool divided>
struct FilterRow {
  static constexpr double at(int k) {
    if (j == t - 1) return k == r - 1;
    if (parity != 2 && k % 2 != parity) return 0;
    const double value = CookToom<t>::power(CookToom<t>::points[j], k);
    return divided ? value / CookToom<t>::divisor(j) : value;
  }
};

/// v = G g, of r values.
template <int t, int r>
MIEN_INLINE void filter_transform_1d(const Vec* g, Vec* v) {
  using Points = CookToom<t>;
  unroll<0, t>([=](auto j) __attribute__((always_inline)) {
    constexpr int i = j;
    if constexpr (Points::first_of_pair(i)) {
      constexpr double n = Points::divisor(i), minus_n = Points::divisor(i + 1);
      constexpr bool same = n == minus_n;
      const Vec even = combine<FilterRow<t, r, i, 0, same>, r>(g);
      const Vec odd = combine<FilterRow<t, r, i, 1, same>, r>(g);
      v[i] = same ? even + odd : float(1 / n) * (even + odd);
      v[i + 1] = same ? even - odd : float(1 / minus_n) * (even - odd);
    } else if constexpr (!Points::second_of_pair(i)) {
      v[i] = combine<FilterRow<t, r, i, 2, true>, r>(g);
    }
  });
}

/// Row i of A^T, after pairs have become sum and difference.
template <int t, int m, int i>
struct OutputRow {
  static constexpr double at(int j) {
    using Points = CookToom<t>;
    if (j == t - 1) return i == m - 1;
    if (Points::first_of_pair(j) && i % 2 == 1) return 0;
    if (Points::second_of_pair(j)) return i % 2 == 0 ? 0 : Points::power(Points::points[j - 1], i);
    return Points::power(Points::points[j], i);
  }
};

/// y = A^T v, m values.
template <int t, int m>
MIEN_INLINE void output_transform_1d(const Vec* v, Vec* y) {
  using Points = CookToom<t>;
  Vec halves[t];
  unroll<0, t>([&](auto j) __attribute__((always_inline)) {
    constexpr int i = j;
    if constexpr (Points::first_of_pair(i)) {
      halves[i] = v[i] + v[i + 1];
      halves[i + 1] = v[i] - v[i + 1];
    } else if constexpr (!Points::second_of_pair(i)) {
      halves[i] = v[i];
    }
  });
  unroll<0, m>([&](auto i) __attribute__((always_inline)) {
    y[i] = combine<OutputRow<t, m, i>, t>(halves);
  });
}

// ---- two dimensions, kLanes channels at once ----
// at(...) gives a vector, put(..., vector) takes one. Between the two passes there is a tile of
// vectors on the stack: one store and one load for each, however many registers there are.

/// put(f, v): v = B^T d B of d = at(row, column). Rows outside [begin, end) are 0 and not asked
/// for.
template <int t, class At, class Put>
MIEN_INLINE void input_transform(int begin, int end, const At& at, const Put& put) {
  Vec half[t][t];
  for (int i = 0; i < t; ++i) {
    Vec d[t] = {}, v[t] = {};
    if (begin <= i && i < end) {
      unroll<0, t>([&](auto j) __attribute__((always_inline)) { d[j] = at(i, int(j)); });
      input_transform_1d<t>(d, v);
    }
    unroll<0, t>([&](auto j) __attribute__((always_inline)) { half[j][i] = v[j]; });
  }
  for (int j = 0; j < t; ++j) {
    Vec v[t];
    input_transform_1d<t>(half[j], v);
    unroll<0, t>([&](auto i) __attribute__((always_inline)) { put(i * t + j, v[i]); });
  }
}

/// put(f, v): v = G g G^T of g = at(row, column), r x r. Rows from `end` on are 0 and not asked
/// for.
template <int t, int r, class At, class Put>
MIEN_INLINE void filter_transform(int end, const At& at, const Put& put) {
  Vec half[t][r];
  for (int i = 0; i < r; ++i) {
    Vec g[r] = {}, v[t] = {};
    if (i < end) {
      unroll<0, r>([&](auto j) __attribute__((always_inline)) { g[j] = at(i, int(j)); });
      filter_transform_1d<t, r>(g, v);
    }
    unroll<0, t>([&](auto j) __attribute__((always_inline)) { half[j][i] = v[j]; });
  }
  for (int j = 0; j < t; ++j) {
    Vec v[t];
    filter_transform_1d<t, r>(half[j], v);
    unroll<0, t>([&](auto i) __attribute__((always_inline)) { put(i * t + j, v[i]); });
  }
}

/// put(row, column, y): y = A^T v A, m x m, of v = at(f); only the first `rows` rows.
template <int t, int m, class At, class Put>
MIEN_INLINE void output_transform(int rows, const At& at, const Put& put) {
  Vec half[m][t];
  for (int j = 0; j < t; ++j) {
    Vec v[t], y[m];
    unroll<0, t>([&](auto i) __attribute__((always_inline)) { v[i] = at(i * t + j); });
    output_transform_1d<t, m>(v, y);
    unroll<0, m>([&](auto i) __attribute__((always_inline)) { half[i][j] = y[i]; });
  }
  for (int i = 0; i < rows; ++i) {
    Vec y[m];
    output_transform_1d<t, m>(half[i], y);
    unroll<0, m>([&](auto j) __attribute__((always_inline)) { put(i, int(j), y[j]); });
  }
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
