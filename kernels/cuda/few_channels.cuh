#pragma once

#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/few_channels.h"

// What the two passes of few_channels share. y is cut into tiles of an image's pixels. A block sees
// the part of x that belongs to its tile, the window, in shared memory with its padding; a thread
// has V neighbouring channels of y.

namespace mien::cuda::few {

inline constexpr int kThreads = 256;
inline constexpr int kRun = 8;          // neighbouring pixels of a line that a thread has at once
inline constexpr int kMostAcross = 8;   // runs of a tile's line, at most
inline constexpr int kEnoughRuns = 48;  // of a tile: three for each of 16 threads side by side
inline constexpr int kSharedFloats = 48 * 1024 / 4;  // what every block may ask for

struct Tiles {
  int rows, runs;               // of a tile: lines, and runs of a line
  int down, across;             // tiles of an image
  int window_rows, window_row;  // of x: lines, and floats of a line
  std::int64_t all;             // tiles

  int window() const { return window_rows * window_row; }
};
inline Tiles tiles_of(const Conv2dArgs& a, int rows, int runs) {
  Tiles t{};
  t.down = int(divide_up(a.oh, rows));
  t.across = int(divide_up(a.ow, runs * kRun));
  t.rows = int(divide_up(a.oh, t.down));
  t.runs = int(divide_up(divide_up(a.ow, kRun), t.across));
  t.window_rows = (t.rows - 1) * a.sh + (a.kh - 1) * a.dh + 1;
  t.window_row = ((t.runs * kRun - 1) * a.sw + (a.kw - 1) * a.dw + 1) * a.c;
  t.all = std::int64_t(a.n) * t.down * t.across;
  return t;
}
// Windows that leave `taken` floats of shared memory free, and if there can be, tiles for all
// multiprocessors. rows is 0 where there are none.
inline Tiles find_tiles(const Conv2dArgs& a, int taken) {
  int runs = int(std::min<std::int64_t>(divide_up(a.ow, kRun), kMostAcross));
  int rows = std::clamp(kEnoughRuns / runs, 1, a.oh);
  const auto fits = [&](const Tiles& t) {
    return std::int64_t(t.window_rows) * t.window_row + taken <= kSharedFloats;
  };
  const std::int64_t enough = 2 * std::int64_t(properties().sms);
  Tiles t = tiles_of(a, rows, runs);
  while (rows > 1 && (!fits(t) || t.all < enough)) t = tiles_of(a, rows = (rows + 1) / 2, runs);
  while (runs > 1 && !fits(t)) t = tiles_of(a, rows, runs = (runs + 1) / 2);
  if (!fits(t) || t.all >= std::int64_t(1) << 31) return {};
  return t;
}

// What kernels know of the convolution.
struct Geometry {
  int h, w, c, oh, ow, oc, kh, kw, sh, sw, dh, dw, pt, pl;
  int taps;
  Tiles tiles;
};
inline Geometry geometry_of(const Conv2dArgs& a, const Tiles& tiles) {
  return {.h = a.h,
          .w = a.w,
          .c = a.c,
          .oh = a.oh,
          .ow = a.ow,
          .oc = a.oc,
          .kh = a.kh,
          .kw = a.kw,
          .sh = a.sh,
          .sw = a.sw,
          .dh = a.dh,
          .dw = a.dw,
          .pt = a.pt,
          .pl = a.pl,
          .taps = a.kh * a.kw * a.c,
          .tiles = tiles};
}

struct Tile {
  int image, row, column;  // of its first pixel
};
__device__ __forceinline__ Tile tile_at(const Geometry& g, unsigned number) {
  const unsigned across = unsigned(g.tiles.across), down = unsigned(g.tiles.down);
  const unsigned line = number / across;
  return {int(line / down), int(line % down) * g.tiles.rows,
          int(number % across) * g.tiles.runs * kRun};
}
// Copies the tile's window, by `threads` of which this is number `me`.
template <class T>
__device__ __forceinline__ void copy_window(const Geometry& g, const T* x, const Tile& tile,
                                            unsigned me, unsigned threads, float* window) {
  const int line = g.w * g.c;
  x += std::int64_t(tile.image) * g.h * line;
  const int top = tile.row * g.sh - g.pt, left = (tile.column * g.sw - g.pl) * g.c;
  const auto size = unsigned(g.tiles.window_rows * g.tiles.window_row);
  for (unsigned i = me; i < size; i += threads) {
    const int row = top + int(i / unsigned(g.tiles.window_row));
    const int at = left + int(i % unsigned(g.tiles.window_row));
    const bool inside = row >= 0 && row < g.h && at >= 0 && at < line;
    window[i] = inside ? as_float(x[std::int64_t(row) * line + at]) : 0.0f;
  }
}
// Neighbouring pixels of a tile's line, and how many of them there are in the image: none where
// count is 0 or below. `length`, a part of kRun, is what a thread wants at once.
struct Run {
  int row, column, count;
  std::int64_t y;  // its first element
  int x;           // and that of the window
};
template <int length>
__device__ __forceinline__ Run run_at(const Geometry& g, const Tile& tile, unsigned number) {
  static_assert(kRun % length == 0);
  const auto of_line = unsigned(g.tiles.runs * (kRun / length));
  const int row = int(number / of_line), column = int(number % of_line) * length;
  Run run{tile.row + row, tile.column + column, 0, 0, 0};
  run.count = run.row < g.oh ? g.ow - run.column : 0;
  run.y = ((std::int64_t(tile.image) * g.oh + run.row) * g.ow + run.column) * g.oc;
  run.x = row * g.sh * g.tiles.window_row + column * g.sw * g.c;
  return run;
}

/// V of what a call works with.
inline int width_of(const Conv2dArgs& a) { return a.oc % 4 == 0 && aligned16(a.y) ? 4 : 1; }

/// grad_w with a given V: whether it can be, in how many parts it sums, and its launches.
bool weights_fit(const Conv2dArgs& a, int width);
int weight_parts(const Conv2dArgs& a, int width);
template <class T>
void find_weights(const Conv2dArgs& a, float* scratch, StreamHandle stream);

}  // namespace mien::cuda::few
