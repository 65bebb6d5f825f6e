// gemm: the matrix product, of packed panels of c and rows of a where they lie.
#include "kernels/cpu/simd/gemm_few_rows.h"
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// A stretch of k: its rows of a stay in the second-level cache while all panels of a piece pass.
constexpr std::int64_t kDepth = 384;
// Most of y in one piece. Each piece packs its own panels: with so many rows that costs little.
constexpr std::int64_t kMostRows = kLanes == 16 ? 384 : 192, kMostColumns = 8 * kPanel;
// With so few rows a panel is read too seldom to pay for packing it.
constexpr std::int64_t kStraightRows = 128;
constexpr std::int64_t kEnoughPieces = 8;
// Below this many multiplications a piece is not worth handing out.
constexpr std::int64_t kLeastWork = 1 << 18;

struct Cut {
  std::int64_t rows, columns, depth;  // of one block of y, and of one stretch of k
  std::int64_t down, across;          // blocks
  std::int64_t results, summands;     // products into one y are added up by one piece
  std::int64_t turned_rows;  // floats of scratch for a block of a, where it lies transposed
  std::int64_t per_worker;
};

Cut cut(const GemmArgs& g) {
  const auto even = [](std::int64_t size, std::int64_t most, std::int64_t step) {
    const std::int64_t parts = size > most ? divide_up(size, most) : 1;
    return divide_up(divide_up(size, parts), step) * step;
  };
  Cut t{};
  t.results = g.y_stride == 0 ? 1 : g.batch;
  t.summands = g.y_stride == 0 ? g.batch : 1;
  t.rows = even(g.m, kMostRows, 1);
  t.columns = even(g.n, kMostColumns, kPanel);
  t.depth = most(even(g.k, kDepth, 1), std::int64_t(1));
  // Each piece reads all of a, which costs as much as the rest where there are few rows.
  const std::int64_t enough = g.m <= kStraightRows && !g.trans_c ? 4 : kEnoughPieces;
  for (;;) {
    t.down = divide_up(g.m, t.rows);
    t.across = divide_up(g.n, t.columns);
    const bool few_rows = t.rows <= 2 * kTileRows, few_columns = t.columns <= kPanel;
    if (t.results * t.down * t.across >= enough || (few_rows && few_columns) ||
        t.rows * t.columns * g.k * t.summands < 2 * kLeastWork)
      break;
    if (few_rows || (!few_columns && (t.columns >= t.rows || !g.trans_a)))
      t.columns = even(t.columns, t.columns / 2, kPanel);
    else
      t.rows = even(t.rows, t.rows / 2, kTileRows);
  }
  t.turned_rows = g.trans_a ? t.rows * t.depth : 0;
  t.per_worker = divide_up(t.depth * t.columns + t.turned_rows, kLanes) * kLanes;
  return t;
}

struct Work {
  const GemmArgs& g;
  const Cut& t;
  float* scratch;

  void operator()(std::int64_t piece, int worker) const {
    const std::int64_t column = piece % t.across * t.columns;
    const std::int64_t row = piece / t.across % t.down * t.rows;
    const std::int64_t first = piece / t.across / t.down;
    const std::int64_t lda = g.trans_a ? g.m : g.k, ldc = g.trans_c ? g.k : g.n;
    const std::int64_t columns = least(t.columns, g.n - column);
    float* panels = scratch + worker * t.per_worker;
    float* turned = panels + t.depth * t.columns;
    Run run{0, 0};
    PanelArgs p{};
    p.rows = least(t.rows, g.m - row);
    p.run = &run;
    p.runs = 1;
    p.c_stride = g.n;
    for (std::int64_t s = 0; s < t.summands; ++s) {
      const float* a = static_cast<const float*>(g.a) + (first + s) * g.a_stride;
      const float* c = static_cast<const float*>(g.c) + (first + s) * g.c_stride;
      float* y = static_cast<float*>(g.y) + first * g.y_stride + row * g.n + column;
      for (std::int64_t k = 0; k < g.k || k == 0; k += t.depth) {
        const bool begins = s == 0 && k == 0;
        run.k = least(t.depth, g.k - k);
        p.a = g.trans_a ? turned : a + row * lda + k;
        p.a_stride = g.trans_a ? run.k : lda;
        if (g.trans_a) turn(a + k * lda + row, lda, run.k, p.rows, turned, run.k);
        const bool straight = !g.trans_c && p.rows <= kStraightRows && columns % kPanel == 0;
        if (!straight)
          pack_panels(g.trans_c ? c + column * ldc + k : c + k * ldc + column, ldc, g.trans_c,
                      run.k, columns, panels);
        for (std::int64_t j = 0; j < columns; j += kPanel) {
          p.b = straight ? c + k * ldc + column + j : panels + j * run.k;
          p.b_stride = straight ? ldc : 0;
          p.columns = least(std::int64_t(kPanel), columns - j);
          p.c = y + j;
          p.beta = begins ? float(g.beta) : 1;
          p.bias = begins && g.bias ? static_cast<const float*>(g.bias) + column + j : nullptr;
          multiply(p);
        }
      }
    }
  }
};

bool is_empty(const GemmArgs& g) {
  return g.m == 0 || g.n == 0 || (g.batch == 0 && g.y_stride != 0);
}

}  // namespace

std::size_t gemm_scratch(const GemmArgs& g) {
  if (is_empty(g)) return 0;
  if (has_few_rows(g)) return few_rows_scratch(g);
  return std::size_t(num_threads()) * std::size_t(cut(g).per_worker) * sizeof(float);
}

void gemm(const GemmArgs& g, StreamHandle) {
  if (is_empty(g)) return;
  if (g.batch == 0) {  // a sum of no products
    GemmArgs nothing = g;
    nothing.batch = 1;
    nothing.k = 0;
    return gemm(nothing, nullptr);
  }
  if (has_few_rows(g)) return multiply_few_rows(g);
  const Cut t = cut(g);
  parallel_for(t.results * t.down * t.across, Work{g, t, static_cast<float*>(g.scratch)});
}

}  // namespace mien::cpu::MIEN_ISA
