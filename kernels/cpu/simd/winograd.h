#pragma once

#include "kernels/api.h"

// The three steps of a Winograd convolution (winograd_transform.h), each for a run of tiles and of
// channels. Tiles are counted through all images, row by row; a tile is one row of the product of
// every frequency.

namespace mien::cpu::MIEN_ISA {

/// Where the tiles of t x t inputs and m x m outputs lie: th x tw of them in every image, the first
/// input at (-pt, -pl).
struct WinogradTiles {
  int m, t, th, tw, pt, pl;
};

/// v[f * stride + row * row_stride + channel] of `channels` channels of x, [n, h, w, c] (x, like v,
/// points at the first of them), for the tiles [first, first + rows). Channels are filled up with
/// zeros to whole vectors.
struct WinogradInput {
  WinogradTiles tiles;
  int h, w, c, channels;
  std::int64_t first, rows;
  const float* x;
  float* v;
  std::int64_t stride, row_stride;
};
void winograd_input(const WinogradInput&);

/// One panel of the transformed filters: u[f * stride + k * kPanel + column] for k < rows. Weight:
/// [r, r, c, oc], at the first of them. Turned: k counts oc and columns c, and the filters are
/// turned round, as the gradient of x wants them. Columns are filled up with zeros to a panel.
struct WinogradFilters {
  int r, t, c, oc;
  bool turned;
  int rows, columns;
  const float* weight;
  float* u;
  std::int64_t stride;
};
void winograd_filters(const WinogradFilters&);

/// m[f * m_stride + row * kPanel + column] = v_f u_f, for every frequency f, added to what is there
/// where `add`. v_f: rows x depth, rows v_row apart; u_f: depth x kPanel.
struct WinogradProduct {
  int frequencies, depth;
  std::int64_t rows;
  bool add;
  const float* v;
  std::int64_t v_stride, v_row;
  const float* u;
  std::int64_t u_stride;
  float* m;
  std::int64_t m_stride;
};
void winograd_multiply(const WinogradProduct&);

/// y = beta y + bias + the outputs of v[f * stride + row * kPanel + channel], the tiles [first,
/// first + rows), `channels` (up to kPanel) channels of y, [n, h, w, c]. y and bias point at the
/// first of them; bias: null for none. past_caches: y is too large to be there when it is read.
struct WinogradOutput {
  WinogradTiles tiles;
  int h, w, c, channels;
  std::int64_t first, rows;
  const float* v;
  std::int64_t stride;
  const float* bias;
  float beta;
  bool past_caches;
  float* y;
};
void winograd_output(const WinogradOutput&);

}  // namespace mien::cpu::MIEN_ISA
