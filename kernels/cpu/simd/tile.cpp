#include "kernels/cpu/simd/tile.h"

#include "kernels/cpu/simd/kernels.h"

namespace mien::cpu::MIEN_ISA {
namespace {

template <int kRows, int kVecs>
[[gnu::noinline]] void tile(const PanelArgs& p, std::int64_t row) {
  const float* a[kRows];
  float* c[kRows];
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    a[r] = p.a + (p.a_rows ? p.a_rows[row + r] : (row + r) * p.a_stride);
    c[r] = p.c + (p.c_rows ? p.c_rows[row + r] : (row + r) * p.c_stride);
    MIEN_UNROLL
    for (int v = 0; v < kVecs; ++v) __builtin_prefetch(c[r] + v * kLanes, 1);
  }
  Tile<kRows, kVecs> t;
  clear(t);
  const float* b = p.b;
  const std::int64_t stride = p.b_stride > 0 ? p.b_stride : kPanel;
  for (std::int64_t i = 0; i < p.runs; ++i) {
    const Run run = p.run[i];
    const float* at[kRows];
    MIEN_UNROLL
    for (int r = 0; r < kRows; ++r) at[r] = a[r] + run.a;
    add_rows(t, at, b, stride, run.k);
    b += run.k * stride;
  }
  finish(t, c, p.beta, p.bias, p.columns);
}

// The tile of the height asked for.
template <int kRows, int kVecs>
void pick(int rows, const PanelArgs& p, std::int64_t row) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return tile<kRows, kVecs>(p, row);
    pick<kRows - 1, kVecs>(rows, p, row);
  }
}

}  // namespace

void multiply(const PanelArgs& p) {
  for (std::int64_t row = 0; row < p.rows;) {
    const int rows = tile_rows(p.rows - row);
    if (p.columns > kLanes)
      pick<kTileRows, 2>(rows, p, row);
    else
      pick<kTileRows, 1>(rows, p, row);
    row += rows;
  }
}

}  // namespace mien::cpu::MIEN_ISA
