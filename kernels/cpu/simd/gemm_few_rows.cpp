// gemm_few_rows: products of up to kMostRows rows; a vector times a matrix is one of them.
#include "kernels/cpu/simd/gemm_few_rows.h"

#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr std::int64_t kMostRows = 4;
constexpr std::int64_t kMostParts = 16;
// Values of c in one piece.
constexpr std::int64_t kLeastWork = 1 << 15;
constexpr int kSteps = 4;  // rows of c at once

// Parts of the sum over k, each with a result of its own, and the rows of a where they lie
// transposed.
struct Cut {
  std::int64_t parts, depth, turned;
};

Cut cut(const GemmArgs& g) {
  Cut t{1, g.k, g.trans_a ? divide_up(g.m * g.k, kLanes) * kLanes : 0};
  if (!g.trans_c) {
    const std::int64_t parts = most(std::int64_t(1), least(kMostParts, g.n * g.k / kLeastWork));
    t.depth = most(divide_up(divide_up(g.k, parts), kSteps) * kSteps, std::int64_t(1));
    t.parts = divide_up(g.k, t.depth);
  }
  return t;
}

// y[r] (+)= a[r] * kUsed rows of c; y is not read where it begins.
template <int kRows, int kUsed>
void add_outer(const float* a, std::int64_t lda, const float* c, std::int64_t n, float* y,
               bool begins) {
  Vec factor[kRows][kUsed];
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    MIEN_UNROLL
    for (int u = 0; u < kUsed; ++u) factor[r][u] = splat(a[r * lda + u]);
  }
  std::int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    Vec from[kUsed];
    MIEN_UNROLL
    for (int u = 0; u < kUsed; ++u) from[u] = load(c + u * n + j);
    MIEN_UNROLL
    for (int r = 0; r < kRows; ++r) {
      Vec sum = begins ? Vec{} : load(y + r * n + j);
      MIEN_UNROLL
      for (int u = 0; u < kUsed; ++u) sum += factor[r][u] * from[u];
      store(y + r * n + j, sum);
    }
  }
  for (; j < n; ++j)
    for (int r = 0; r < kRows; ++r) {
      float sum = begins ? 0 : y[r * n + j];
      for (int u = 0; u < kUsed; ++u) sum += a[r * lda + u] * c[u * n + j];
      y[r * n + j] = sum;
    }
}

template <int kRows>
void outer_products(const float* a, std::int64_t lda, const float* c, std::int64_t n,
                    std::int64_t k, float* y) {
  std::int64_t i = 0;
  for (; i + kSteps <= k; i += kSteps)
    add_outer<kRows, kSteps>(a + i, lda, c + i * n, n, y, i == 0);
  for (; i < k; ++i) add_outer<kRows, 1>(a + i, lda, c + i * n, n, y, i == 0);
}

MIEN_INLINE float total(Vec v) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += v[i];
  return sum;
}

// The products of the rows of a with kUsed rows of c.
template <int kRows, int kUsed>
void inner_products(const float* a, std::int64_t lda, const float* c, std::int64_t k, float* y,
                    std::int64_t ldy, float beta, const float* bias) {
  Vec sum[kRows][kUsed];
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    MIEN_UNROLL
    for (int u = 0; u < kUsed; ++u) sum[r][u] = Vec{};
  }
  for (std::int64_t i = 0; i < k; i += kLanes) {
    const bool whole = i + kLanes <= k;
    Vec from[kUsed];
    MIEN_UNROLL
    for (int u = 0; u < kUsed; ++u)
      from[u] = whole ? load(c + u * k + i) : load_some(c + u * k + i, k - i);
    MIEN_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const Vec x = whole ? load(a + r * lda + i) : load_some(a + r * lda + i, k - i);
      MIEN_UNROLL
      for (int u = 0; u < kUsed; ++u) sum[r][u] += x * from[u];
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int u = 0; u < kUsed; ++u) {
      float& to = y[r * ldy + u];
      to = total(sum[r][u]) + (bias ? bias[u] : 0) + (beta != 0 ? beta * to : 0);
    }
}

template <int kRows>
void multiply_turned(const GemmArgs& g, const float* a) {
  const float* c = static_cast<const float*>(g.c);
  const float* bias = static_cast<const float*>(g.bias);
  float* y = static_cast<float*>(g.y);
  const std::int64_t grain =
      divide_up(most(kLeastWork / most(g.k, std::int64_t(1)), divide_up(g.n, kMostParts)), kSteps) *
      kSteps;
  parallel_ranges(g.n, grain, [=, &g](std::int64_t begin, std::int64_t end) {
    std::int64_t j = begin;
    const float beta = float(g.beta);
    for (; j + kSteps <= end; j += kSteps)
      inner_products<kRows, kSteps>(a, g.k, c + j * g.k, g.k, y + j, g.n, beta,
                                    bias ? bias + j : nullptr);
    for (; j < end; ++j)
      inner_products<kRows, 1>(a, g.k, c + j * g.k, g.k, y + j, g.n, beta,
                               bias ? bias + j : nullptr);
  });
}

template <int kRows>
void multiply_straight(const GemmArgs& g, const Cut& t, const float* a, float* sums) {
  const float* c = static_cast<const float*>(g.c);
  parallel_for(t.parts, [=, &g](std::int64_t part) {
    const std::int64_t first = part * t.depth;
    outer_products<kRows>(a + first, g.k, c + first * g.n, g.n, least(t.depth, g.k - first),
                          sums + part * g.m * g.n);
  });
  const float* bias = static_cast<const float*>(g.bias);
  float* y = static_cast<float*>(g.y);
  parallel_ranges(g.m * g.n, kLeastWork, [=, &g](std::int64_t begin, std::int64_t end) {
    const std::int64_t size = g.m * g.n;
    for (std::int64_t i = begin; i < end; ++i) {
      float sum = bias ? bias[i % g.n] : 0;
      for (std::int64_t part = 0; part < t.parts; ++part) sum += sums[part * size + i];
      y[i] = g.beta == 0 ? sum : float(g.beta) * y[i] + sum;
    }
  });
}

template <int kRows>
void multiply_rows(const GemmArgs& g, const Cut& t, const float* a, float* sums) {
  if constexpr (kRows > 0) {
    if (g.m < kRows) return multiply_rows<kRows - 1>(g, t, a, sums);
    g.trans_c ? multiply_turned<kRows>(g, a) : multiply_straight<kRows>(g, t, a, sums);
  }
}

}  // namespace

bool has_few_rows(const GemmArgs& g) { return g.batch == 1 && g.m <= kMostRows; }

std::size_t few_rows_scratch(const GemmArgs& g) {
  const Cut t = cut(g);
  return std::size_t(t.turned + (g.trans_c ? 0 : t.parts * g.m * g.n)) * sizeof(float);
}

void multiply_few_rows(const GemmArgs& g) {
  const Cut t = cut(g);
  const float* a = static_cast<const float*>(g.a);
  float* scratch = static_cast<float*>(g.scratch);
  if (g.trans_a) {
    turn(a, g.m, g.k, g.m, scratch, g.k);
    a = scratch;
  }
  multiply_rows<kMostRows>(g, t, a, scratch + t.turned);
}

}  // namespace mien::cpu::MIEN_ISA
