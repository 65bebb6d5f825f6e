// Winograd convolution: the products of all frequencies.
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/winograd.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// One tile, and what the next ones will read: v comes from the second or third level of the cache,
// u from the third, and the hardware does not foresee rows this short.
struct Place {
  const float *v, *u;
  float* m;
  const float *next_v, *next_u;
};

template <int kRows>
[[gnu::noinline]] void tile(const WinogradProduct& p, const Place& at) {
  constexpr int kUnroll = 4, kLine = 16;
  const float* a[kRows];
  float* c[kRows];
  MIEN_UNROLL
  for (int r = 0; r < kRows; ++r) {
    a[r] = at.v + r * p.v_row;
    c[r] = at.m + r * kPanel;
    MIEN_UNROLL
    for (int i = 0; i < kPanel; i += kLine) __builtin_prefetch(c[r] + i, 1);
  }
  Tile<kRows, 2> t;
  clear(t);
  const float *u = at.u, *next_v = at.next_v, *next_u = at.next_u;
  int k = 0;
  for (; k + kUnroll <= p.depth; k += kUnroll) {
    MIEN_UNROLL
    for (int i = 0; i < kUnroll * kRows; i += kLine) __builtin_prefetch(next_v + i);
    __builtin_prefetch(next_u);
    __builtin_prefetch(next_u + kLine);
    MIEN_UNROLL
    for (int i = 0; i < kUnroll; ++i)
      add_step(
          t, [&](int r) { return a[r] + k + i; }, u + i * kPanel);
    u += kUnroll * kPanel;
    next_v += kUnroll * kRows;
    next_u += 2 * kLine;
  }
  for (; k < p.depth; ++k, u += kPanel)
    add_step(
        t, [&](int r) { return a[r] + k; }, u);
  finish(t, c, p.add ? 1.f : 0.f, nullptr, kPanel);
}

template <int kRows>
void pick(int rows, const WinogradProduct& p, const Place& at) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return tile<kRows>(p, at);
    pick<kRows - 1>(rows, p, at);
  }
}

}  // namespace

void winograd_multiply(const WinogradProduct& p) {
  const std::int64_t panel = std::int64_t(p.depth) * kPanel;
  for (int f = 0; f < p.frequencies; ++f) {
    const int next = f + 1 < p.frequencies ? f + 1 : 0;
    const float *v = p.v + f * p.v_stride, *u = p.u + f * p.u_stride;
    std::int64_t fetched = 0;  // of the next u: a tile fetches panel / 4 (or panel / 2)
    for (std::int64_t row = 0; row < p.rows;) {
      const int rows = tile_rows(p.rows - row);
      const bool last = row + rows == p.rows;
      pick<kTileRows>(rows, p,
                      {v + row * p.v_row, u, p.m + f * p.m_stride + row * kPanel,
                       last ? p.v + next * p.v_stride : v + (row + rows) * p.v_row,
                       p.u + next * p.u_stride + (fetched < panel ? fetched : 0)});
      fetched += p.depth / 4 * 32;
      row += rows;
    }
  }
}

}  // namespace mien::cpu::MIEN_ISA
