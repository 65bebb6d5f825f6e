// Gradient of a convolution's filters (stride 1, 3x3 or 5x5) by Winograd's algorithm, F(r, m):
//   dw = A^T [sum over tiles of (B^T x B) . (G dy G^T)] A,   tiles: m x m places of dy,
// x: the t x t pixels that they saw, t = m + r - 1. At each of the t * t frequencies the sum is a
// product of matrices, dU = V^T Y: [c, tiles] x [tiles, oc]. Largest error against f64 over random
// numbers, relative to the largest |dw|: F(3, 3) 2e-6, F(3, 4) and F(3, 6) 5e-6, F(5, 4) 7e-6 (and
// 13e-6 on tiles of which a single place is used).
//
// A piece of work is a block of x's channels, a block of dy's and a part of the tiles. Its dU stays
// in the second-level cache, beside V and Y of a lot of some 24 tiles. These are made where they
// are used, V anew for each block of dy's channels and Y for each of x's: memory takes longer. Only
// from four uses on they are made once and kept, for a stretch of lots at a time. The sums of parts
// are added in their order.
#include "kernels/cpu/simd/winograd_weights.h"
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/winograd_transform.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

MIEN_INLINE Vec load_lanes(const float* from, std::int64_t lanes) {
  return lanes == kLanes ? load(from) : load_some(from, lanes);
}
MIEN_INLINE void store_lanes(float* to, Vec v, std::int64_t lanes) {
  if (lanes == kLanes)
    store(to, v);
  else
    store_some(to, v, lanes);
}

// ---- transforms ----

// The tiles of a strip, kLanes channels (the first `lanes` of them) from `channel` on. `left`:
// column of the first pixel. Value f of tile i goes to to[f * f_step + i * kLanes]. Down the
// columns first: those that two tiles see are transformed once.
template <bool of_x, int t, int m>
[[gnu::noinline]] void transform(const Rows& rows, int left, int width, int channel, int lanes,
                                 int tiles, float* to, std::int64_t f_step) {
  constexpr int size = of_x ? t : m;
  Vec half[((kMostRun - 1) * m + size) * t];
  const int columns = (tiles - 1) * m + size;
  for (int i = 0; i < columns; ++i) {
    Vec in[size] = {}, *out = half + i * t;
    const int column = left + i;
    if (0 <= column && column < width)
      for (int j = 0; j < size; ++j)
        in[j] = load_lanes(rows.at[j] + column * rows.step[j] + channel, lanes);
    if constexpr (of_x)
      input_transform_1d<t>(in, out);
    else
      filter_transform_1d<t, m>(in, out);
  }
  for (int i = 0; i < t; ++i) {
    for (int tile = 0; tile < tiles; ++tile) {
      Vec in[size], out[t];
      unroll<0, size>([&](auto j)
                          __attribute__((always_inline)) { in[j] = half[(tile * m + j) * t + i]; });
      if constexpr (of_x)
        input_transform_1d<t>(in, out);
      else
        filter_transform_1d<t, m>(in, out);
      float* at = to + i * t * f_step + tile * kLanes;
      unroll<0, t>([&](auto j) __attribute__((always_inline)) { store(at + j * f_step, out[j]); });
    }
  }
}

// V (or Y) of a lot and a block of channels.
template <bool of_x, int t, int m>
void transform_lot(const Cut& s, std::int64_t lot, const Source& from, int pt, int pl, float* to) {
  const std::int64_t end = least((lot + 1) * s.strips, s.all_strips);
  for (std::int64_t i = lot * s.strips; i < end; ++i) {
    const Strip strip = strip_of(s, i);
    const Rows rows = rows_of(from, strip.image, strip.row * m - pt, of_x ? t : m);
    for (int c = 0; c < from.count; c += kLanes)
      transform<of_x, t, m>(rows, strip.first * m - pl, from.width, c,
                            least(from.count - c, kLanes), strip.tiles, to + c / kLanes * s.panel,
                            of_x ? s.v_step : s.y_step);
    to += strip.tiles * kLanes;
  }
}
MIEN_INLINE int tiles_of(const Cut& s, std::int64_t lot) {
  const std::int64_t end = least((lot + 1) * s.strips, s.all_strips);
  int tiles = 0;
  for (std::int64_t i = lot * s.strips; i < end; ++i) tiles += strip_of(s, i).tiles;
  return tiles;
}

// ---- products ----

// u (+)= v^T y: kRows rows of a panel of V, kColumns panels of Y, at one frequency. Meanwhile the
// rows of u below are fetched.
template <int kColumns, bool add>
MIEN_INLINE void product(const float* v, const float* y, std::int64_t panel, int tiles, float* u,
                         std::int64_t stride) {
  MIEN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    MIEN_UNROLL
    for (int j = 0; j < kColumns; ++j) __builtin_prefetch(u + (i + kRows) * stride + j * kLanes, 1);
  }
  Tile<kRows, kColumns> t;
  clear(t);
  for (int tile = 0; tile < tiles; ++tile, v += kLanes, y += kLanes) {
    Vec from[kColumns];
    MIEN_UNROLL
    for (int j = 0; j < kColumns; ++j) {
      from[j] = load(y + j * panel);
      hold(from[j]);
    }
    MIEN_UNROLL
    for (int i = 0; i < kRows; ++i) {
      Vec x = splat(v[i]);
      hold(x);
      MIEN_UNROLL
      for (int j = 0; j < kColumns; ++j) t.sum[i][j] += x * from[j];
    }
  }
  MIEN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    MIEN_UNROLL
    for (int j = 0; j < kColumns; ++j) {
      float* to = u + i * stride + j * kLanes;
      store(to, add ? load(to) + t.sum[i][j] : t.sum[i][j]);
    }
  }
}
template <int kColumns, bool add>
MIEN_INLINE void pick(int vecs, const float* v, const float* y, std::int64_t panel, int tiles,
                      float* u, std::int64_t stride) {
  if constexpr (kColumns > 0) {
    if (vecs >= kColumns) return product<kColumns, add>(v, y, panel, tiles, u, stride);
    pick<kColumns - 1, add>(vecs, v, y, panel, tiles, u, stride);
  }
}

// dU (+)= V^T Y at all frequencies; what is kept of the next one is fetched meanwhile.
template <bool add>
[[gnu::noinline]] void multiply_lot(const Cut& s, const float* v, const float* y, float* u,
                                    int rows, int vecs, int tiles) {
  const std::int64_t panel = s.panel, stride = s.columns;
  const std::int64_t turns = divide_up(vecs, kVecs) * divide_up(rows, kRows) * kLine;
  const std::int64_t v_share = s.keep_v ? divide_up(s.v_step, turns) * kLine : 0;
  const std::int64_t y_share = s.keep_y ? divide_up(s.y_step, turns) * kLine : 0;
  for (int f = 0; f < s.frequencies; ++f, v += s.v_step, y += s.y_step, u += s.u_step) {
    const float *next_v = v + s.v_step, *next_y = y + s.y_step;
    for (int j = 0; j < vecs; j += kVecs)
      for (int i = 0; i < rows; i += kRows, next_v += v_share, next_y += y_share) {
        for (std::int64_t k = 0; k < v_share; k += kLine) __builtin_prefetch(next_v + k, 0, 2);
        for (std::int64_t k = 0; k < y_share; k += kLine) __builtin_prefetch(next_y + k, 0, 2);
        pick<kVecs, add>(vecs - j, v + i / kLanes * panel + i % kLanes, y + j * panel, panel, tiles,
                         u + i * stride + j * kLanes, stride);
      }
  }
}

// dw = beta dw + A^T dU A for a block of it.
template <int r, int m>
void finish_block(const Cut& s, const float* u, int rows, int columns, const Conv2dArgs& a,
                  float* dw, float beta) {
  const std::int64_t tap = std::int64_t(a.c) * a.oc;
  for (int i = 0; i < rows; ++i) {
    for (int c = 0; c < columns; c += kLanes) {
      const float* from = u + i * s.columns + c;
      float* to = dw + std::int64_t(i) * a.oc + c;
      const int lanes = least(columns - c, kLanes);
      output_transform<m + r - 1, r>(
          r, [=](int f) __attribute__((always_inline)) { return load(from + f * s.u_step); },
          [=](int ky, int kx, Vec value) __attribute__((always_inline)) {
            float* at = to + (ky * r + kx) * tap;
            if (beta != 0) value += splat(beta) * load_lanes(at, lanes);
            store_lanes(at, value, lanes);
          });
    }
  }
}

// ---- the whole ----

// dw = beta dw + what the lots [first, last) give.
template <int r, int m>
void run_stretch(const Conv2dArgs& a, const Cut& s, std::int64_t first, std::int64_t last,
                 float beta, float* scratch) {
  constexpr int t = m + r - 1;
  const std::int64_t size = std::int64_t(r) * r * a.c * a.oc;
  const std::int64_t worker_size = s.v_size + s.y_size + s.u_size;
  float* kept_v = scratch;
  float* kept_y = kept_v + s.kept_v;
  float* own = kept_y + s.kept_y;
  float* partial = own + num_threads() * worker_size;
  float* dw = static_cast<float*>(a.weight);
  const auto x_block = [&](std::int64_t block) {
    const int channel = int(block) * s.rows;
    return Source{static_cast<const float*>(a.x), a.h, a.w, a.c, channel,
                  least(a.c - channel, s.rows)};
  };
  const auto dy_block = [&](std::int64_t block) {
    const int channel = int(block) * s.columns;
    return Source{static_cast<const float*>(a.y),  a.oh, a.ow, a.oc, channel,
                  least(a.oc - channel, s.columns)};
  };
  const std::int64_t v_pieces = s.keep_v ? (last - first) * s.row_blocks : 0;
  const std::int64_t y_pieces = s.keep_y ? (last - first) * s.column_blocks : 0;
  parallel_for(v_pieces + y_pieces, [&](std::int64_t piece) {
    if (piece < v_pieces) {
      transform_lot<true, t, m>(s, first + piece / s.row_blocks, x_block(piece % s.row_blocks),
                                a.pt, a.pl, kept_v + piece * s.v_size);
    } else {
      const std::int64_t i = piece - v_pieces;
      transform_lot<false, t, m>(s, first + i / s.column_blocks, dy_block(i % s.column_blocks), 0,
                                 0, kept_y + i * s.y_size);
    }
  });
  // A last, shorter stretch may have fewer lots than parts.
  const std::int64_t parts = least(s.parts, last - first);
  parallel_for(parts * s.row_blocks * s.column_blocks, [&](std::int64_t piece, int worker) {
    const std::int64_t column_block = piece % s.column_blocks;
    const std::int64_t row_block = piece / s.column_blocks % s.row_blocks;
    const std::int64_t part = piece / s.column_blocks / s.row_blocks;
    const Source x = x_block(row_block), dy = dy_block(column_block);
    float* own_v = own + worker * worker_size;
    float* own_y = own_v + s.v_size;
    float* u = own_y + s.y_size;
    const int vecs = int(divide_up(dy.count, kLanes));
    const std::int64_t begin = (last - first) * part / parts;
    const std::int64_t end = (last - first) * (part + 1) / parts;
    for (std::int64_t i = begin; i < end; ++i) {
      const float* v = s.keep_v ? kept_v + (i * s.row_blocks + row_block) * s.v_size : own_v;
      const float* y = s.keep_y ? kept_y + (i * s.column_blocks + column_block) * s.y_size : own_y;
      if (!s.keep_v) transform_lot<true, t, m>(s, first + i, x, a.pt, a.pl, own_v);
      if (!s.keep_y) transform_lot<false, t, m>(s, first + i, dy, 0, 0, own_y);
      if (i > begin)
        multiply_lot<true>(s, v, y, u, x.count, vecs, tiles_of(s, first + i));
      else
        multiply_lot<false>(s, v, y, u, x.count, vecs, tiles_of(s, first + i));
    }
    float* to = (parts > 1 ? partial + part * size : dw) + std::int64_t(x.first) * a.oc + dy.first;
    finish_block<r, m>(s, u, x.count, dy.count, a, to, parts > 1 ? 0 : beta);
  });
  if (parts == 1) return;
  constexpr std::int64_t kGrain = 4096;
  parallel_ranges(size, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; i += kLanes) {
      const std::int64_t lanes = least<std::int64_t>(end - i, kLanes);
      Vec sum = beta == 0 ? Vec{} : splat(beta) * load_lanes(dw + i, lanes);
      for (std::int64_t part = 0; part < parts; ++part)
        sum += load_lanes(partial + part * size + i, lanes);
      store_lanes(dw + i, sum, lanes);
    }
  });
}

template <int r, int m>
void run(const Conv2dArgs& a, float* scratch) {
  const Cut s = cut_up(a, m);
  for (std::int64_t first = 0; first < s.lots; first += s.stretch)
    run_stretch<r, m>(a, s, first, least(first + s.stretch, s.lots), first == 0 ? float(a.beta) : 1,
                      scratch);
}

}  // namespace

bool winograd_weights_plan(const Conv2dArgs& a, Plan& plan) {
  const bool can = a.pass == ConvPass::grad_w && a.kh == a.kw && (a.kh == 3 || a.kh == 5) &&
                   a.sh == 1 && a.sw == 1 && a.dh == 1 && a.dw == 1 && a.groups == 1 && a.n > 0;
  if (!can || (a.math != ConvMath::automatic && a.math != ConvMath::winograd)) return false;
  Cut best = cut_up(a, 4);
  if (a.kh == 3) {
    const Cut small = cut_up(a, 3), large = cut_up(a, 6);
    if (cost(a, small) < cost(a, best)) best = small;
    if (cost(a, large) < cost(a, best)) best = large;
  }
  if (a.math == ConvMath::automatic && cost(a, best) > direct_cost(a)) return false;
  const std::int64_t partial = best.parts > 1 ? best.parts * a.kh * a.kw * a.c * a.oc : 0;
  const std::int64_t own = num_threads() * (best.v_size + best.y_size + best.u_size);
  plan.tile = std::uint16_t(best.m);
  plan.split = std::uint16_t(best.parts);
  plan.scratch = std::size_t(own + best.kept_v + best.kept_y + partial) * sizeof(float);
  return true;
}

void winograd_weights_run(const Conv2dArgs& a, const Plan& plan, void* scratch) {
  float* work = static_cast<float*>(scratch);
  if (a.kh == 5) return run<5, 4>(a, work);
  if (plan.tile == 3) return run<3, 3>(a, work);
  if (plan.tile == 4) return run<3, 4>(a, work);
  return run<3, 6>(a, work);
}

const char* winograd_weights_name(const Conv2dArgs& a, const Plan& plan) {
  if (a.kh == 5) return "winograd F(5x5,4x4)";
  if (plan.tile == 3) return "winograd F(3x3,3x3)";
  if (plan.tile == 4) return "winograd F(3x3,4x4)";
  return "winograd F(3x3,6x6)";
}

}  // namespace mien::cpu::MIEN_ISA
