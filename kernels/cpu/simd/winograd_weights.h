#pragma once

#include "kernels/api.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/winograd_transform.h"

// How the Winograd gradient of filters cuts up its work (winograd_weights.cpp says why), and the
// tiles in their order.

namespace mien::cpu::MIEN_ISA {
namespace {

// 1 MiB of dU: half of the second-level cache on the CPUs with AVX-512. Others have less, but take
// twice as long over a product, and their third level keeps up.
constexpr std::int64_t kProductFloats = 1 << 18;
constexpr std::int64_t kLotFloats = kProductFloats * 3 / 4;  // V and Y of a lot
constexpr std::int64_t kKeptFloats = 1 << 23;                // V, or Y, of a stretch of lots
constexpr int kLeastStretch = 128;                           // tiles
constexpr int kMostRows = 64, kMostColumns = 128;            // channels of x, of dy in a block
constexpr int kMostTiles = 48, kMostRun = 8;                 // in a lot, in a strip
constexpr std::int64_t kEnoughPieces = 16;
constexpr int kKeptUses = 4;               // uses from which on V or Y is kept
constexpr int kLine = 64 / sizeof(float);  // floats of a cache line

// Sums held at once.
#if defined(__AVX512F__)
constexpr int kRows = 8, kVecs = 2;
#elif defined(__AVX2__)
constexpr int kRows = 4, kVecs = 3;
#else
constexpr int kRows = 4, kVecs = 4;
#endif

alignas(64) constexpr float kZeros[kMostColumns + kLanes] = {};

// How the work is cut up: a function of the shape and of m.
struct Cut {
  int r, m, frequencies;
  int tiles_y, tiles_x;                           // of an image
  int run, strips_x;                              // most tiles of a strip; strips of a row of tiles
  int strips, tiles;                              // most of a lot
  std::int64_t all_strips, lots, stretch, parts;  // stretch: lots that are kept at once
  int rows, columns;  // channels of x and of dy in a block, whole vectors
  int row_blocks, column_blocks;
  bool keep_v, keep_y;  // made once and kept, or anew for each block of the other side
  // Floats. A lot of V: [frequency][channels / kLanes][tile][kLanes], Y the same; dU: [frequency]
  // [rows][columns].
  std::int64_t v_step, y_step, u_step;  // from one frequency to the next
  std::int64_t panel;                   // from one vector of channels to the next
  std::int64_t v_size, y_size, u_size;  // of a lot and a block
  std::int64_t kept_v, kept_y;          // of a stretch and all blocks, if kept
};

MIEN_INLINE int even_share(int n, int most, int unit) {
  return int(divide_up(divide_up(n, divide_up(n, most)), unit) * unit);
}

MIEN_INLINE Cut cut_up(const Conv2dArgs& a, int m, int most_rows) {
  Cut s{};
  s.r = a.kh, s.m = m, s.frequencies = (m + a.kh - 1) * (m + a.kh - 1);
  s.tiles_y = int(divide_up(a.oh, m)), s.tiles_x = int(divide_up(a.ow, m));
  s.run = even_share(s.tiles_x, kMostRun, 1);
  s.strips_x = int(divide_up(s.tiles_x, s.run));
  s.all_strips = std::int64_t(a.n) * s.tiles_y * s.strips_x;
  s.rows = even_share(a.c, most_rows, kLanes);
  constexpr std::int64_t unit = 2 * kLanes;
  const std::int64_t fits = kProductFloats / s.frequencies / s.rows / unit * unit;
  s.columns = even_share(a.oc, int(least<std::int64_t>(most(fits, unit), kMostColumns)), kLanes);
  s.row_blocks = int(divide_up(a.c, s.rows));
  s.column_blocks = int(divide_up(a.oc, s.columns));
  const std::int64_t fit = kLotFloats / s.frequencies / (s.rows + s.columns);
  s.strips = most(int(least<std::int64_t>(fit, kMostTiles)) / s.run, 1);
  s.tiles = s.strips * s.run;
  s.lots = divide_up(s.all_strips, s.strips);
  // Odd numbers of cache lines: the frequencies of one tile then lie in different sets.
  s.panel = s.tiles * kLanes;
  s.v_step = (s.rows / kLanes * s.tiles | 1) * kLanes;
  s.y_step = (s.columns / kLanes * s.tiles | 1) * kLanes;
  s.u_step = s.rows * s.columns + kLine;
  s.v_size = s.frequencies * s.v_step;
  s.y_size = s.frequencies * s.y_step;
  s.u_size = s.frequencies * s.u_step;
  s.keep_v = s.column_blocks >= kKeptUses;
  s.keep_y = s.row_blocks >= kKeptUses;
  const std::int64_t v = s.keep_v ? s.row_blocks * s.v_size : 0;
  const std::int64_t y = s.keep_y ? s.column_blocks * s.y_size : 0;
  s.stretch = s.lots;
  if (v + y > 0) {
    const std::int64_t longest = most(kKeptFloats / most(v, y), divide_up(kLeastStretch, s.tiles));
    s.stretch = divide_up(s.lots, divide_up(s.lots, longest));
  }
  s.kept_v = s.stretch * v;
  s.kept_y = s.stretch * y;
  s.parts =
      least(divide_up(kEnoughPieces, std::int64_t(s.row_blocks) * s.column_blocks), s.stretch);
  return s;
}

// Cycles, roughly, of a core that makes two vector multiply-adds in one. A transformed vector costs
// 7 to 11 at each frequency, most of it the way to the second-level cache and back; one that is
// kept twice as much to make and a little at each use.
constexpr double kProductRate = 2 * .9, kDirectRate = 2 * .8;

MIEN_INLINE double cost(const Conv2dArgs& a, const Cut& s) {
  const double tiles = double(a.n) * s.tiles_y * s.tiles_x;
  const double c = double(divide_up(a.c, kLanes)), oc = double(divide_up(a.oc, kLanes));
  const double make = 4.5 + .1 * s.frequencies;
  const double v = s.keep_v ? 2 * make + 1.5 * s.column_blocks : make * s.column_blocks;
  const double y = s.keep_y ? 2 * make + 1.5 * s.row_blocks : make * s.row_blocks;
  const double results = double(s.parts) * double(divide_up(s.lots, s.stretch)) * a.c * oc;
  return s.frequencies * (tiles * (a.c * oc / kProductRate + c * v + oc * y) + make * results);
}
MIEN_INLINE double direct_cost(const Conv2dArgs& a) {
  return double(a.n) * a.oh * a.ow * a.kh * a.kw * a.c * double(divide_up(a.oc, kLanes)) /
         kDirectRate;
}

// The cheaper of the two forms of a block.
MIEN_INLINE Cut cut_up(const Conv2dArgs& a, int m) {
  const Cut square = cut_up(a, m, kMostRows), tall = cut_up(a, m, 2 * kMostRows);
  return cost(a, tall) < cost(a, square) ? tall : square;
}

// ---- tiles ----

// Tiles beside each other in one row of them.
struct Strip {
  std::int64_t image;
  int row, first, tiles;
};
MIEN_INLINE Strip strip_of(const Cut& s, std::int64_t i) {
  const std::int64_t row = i / s.strips_x;
  const int first = int(i % s.strips_x) * s.run;
  return {row / s.tiles_y, int(row % s.tiles_y), first, least(s.tiles_x - first, s.run)};
}

// A block of channels of an image.
struct Source {
  const float* data;
  int height, width, channels;
  int first, count;  // channels of the block
};

// The pixel rows that a strip is made of; those outside of the image read zeros.
struct Rows {
  const float* at[kMostPoints];
  std::int64_t step[kMostPoints];
};

MIEN_INLINE const float* row_of(const Source& from, std::int64_t image, int y) {
  return from.data + (image * from.height + y) * from.width * from.channels + from.first;
}

MIEN_INLINE Rows rows_of(const Source& from, std::int64_t image, int top, int count) {
  Rows rows;
  for (int i = 0; i < count; ++i) {
    const int y = top + i;
    const bool inside = 0 <= y && y < from.height;
    rows.at[i] = inside ? row_of(from, image, y) : kZeros;
    rows.step[i] = inside ? from.channels : 0;
  }
  return rows;
}

}  // namespace
}  // namespace mien::cpu::MIEN_ISA
