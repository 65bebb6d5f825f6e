// conv2d by Winograd's algorithm: forward and the gradient of x, 3x3 and 5x5, stride 1.
#include "kernels/cpu/simd/winograd.h"

#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/winograd_transform.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

enum Order : std::uint16_t {
  by_tiles,   // every piece transforms some tiles and multiplies them with all filters
  by_filters  // every piece transforms a panel of filters and multiplies all tiles with it
};

#if defined(__AVX512F__)
constexpr std::int64_t kCacheBytes = 3 << 19;  // of a second-level cache, for one piece
constexpr int kMostDepth = 128;                // k of one product: a panel stays in the first level
constexpr std::int64_t kFilterRows = 128;      // tiles at once in the order by filters
#else
constexpr std::int64_t kCacheBytes = 640 << 10;
constexpr int kMostDepth = 192;
constexpr std::int64_t kFilterRows = 96;
#endif
constexpr std::int64_t kLargeOutput = 1 << 20;  // floats: more than a core's caches hold
constexpr std::int64_t kEnoughPieces = 16;
constexpr std::int64_t kMostTransforms = 2;     // of one panel of filters, by the pieces themselves
constexpr std::int64_t kInputRows = 8;          // tiles in one piece of the input's transform
constexpr int kFilterDepth = 32;                // k in one piece of the filters' transform
constexpr std::int64_t kInputBytes = 32 << 20;  // of transformed input at once

// The convolution to be done, in forward's terms. The gradient of x is that of dy with the filters
// turned round.
struct Work {
  int n, h, w, c, oh, ow, oc, r, pt, pl;
  bool turned;
  const float *x, *weight, *bias, *packed;
  float* y;
  float beta;
};

Work work_of(const Conv2dArgs& a) {
  const float *x = static_cast<const float*>(a.x), *y = static_cast<const float*>(a.y);
  const float *weight = static_cast<const float*>(a.weight),
              *bias = static_cast<const float*>(a.bias),
              *packed = static_cast<const float*>(a.packed_weight);
  if (a.pass == ConvPass::grad_x)
    return {a.n,
            a.oh,
            a.ow,
            a.oc,
            a.h,
            a.w,
            a.c,
            a.kh,
            a.kh - 1 - a.pt,
            a.kw - 1 - a.pl,
            true,
            y,
            weight,
            nullptr,
            packed,
            static_cast<float*>(a.x),
            float(a.beta)};
  return {a.n,  a.h,  a.w,   a.c, a.oh,   a.ow, a.oc,   a.kh,
          a.pt, a.pl, false, x,   weight, bias, packed, static_cast<float*>(a.y),
          0};
}

// How the work is cut, and how its transformed parts lie in memory: in chunks of `depth` channels,
// every frequency a matrix of its own. Strides are odd multiples of a cache line: the frequencies
// of one tile would meet in one set of the cache.
struct Blocks {
  WinogradTiles tiles;
  int frequencies, panels, chunks, depth;
  std::int64_t rows;      // tiles in all
  std::int64_t block;     // tiles in one product
  std::int64_t together;  // tiles whose transformed input is there at once
  std::int64_t splits;    // of these, in the order by filters
  bool filters_first;     // all of them are transformed before all else
  std::int64_t v_stride, v_chunk, u_stride, u_chunk, m_stride;
};

std::int64_t odd_lines(std::int64_t floats) { return divide_up(floats, 32) * 32 + 16; }

Blocks blocks_of(const Work& k, int m, int order) {
  Blocks b{};
  const int t = m + k.r - 1;
  b.tiles = {m, t, int(divide_up(k.oh, m)), int(divide_up(k.ow, m)), k.pt, k.pl};
  b.frequencies = t * t;
  b.panels = int(divide_up(k.oc, kPanel));
  b.chunks = int(divide_up(k.c, kMostDepth));
  b.depth = int(divide_up(divide_up(k.c, b.chunks), kLanes)) * kLanes;
  b.chunks = int(divide_up(k.c, b.depth));
  b.rows = std::int64_t(k.n) * b.tiles.th * b.tiles.tw;
  if (order == by_tiles) {
    const std::int64_t row_bytes = 4 * b.frequencies * (b.chunks * b.depth + kPanel);
    const std::int64_t fits = most<std::int64_t>(kCacheBytes / row_bytes, kTileRows);
    const std::int64_t share = most<std::int64_t>(b.rows / kEnoughPieces, kTileRows);
    const std::int64_t blocks = divide_up(b.rows, least(fits, share));
    b.block = divide_up(b.rows, blocks);
    b.together = b.block;
    b.filters_first = true;
  } else {
    const std::int64_t row_bytes = 4 * b.frequencies * b.chunks * b.depth;
    const std::int64_t fits = most<std::int64_t>(kInputBytes / row_bytes, kFilterRows);
    b.together = divide_up(b.rows, divide_up(b.rows, fits));
    const std::int64_t parts = divide_up(kEnoughPieces, b.panels);
    const std::int64_t blocks =
        most(divide_up(b.together, kFilterRows), least(parts, b.together / kTileRows));
    b.block = divide_up(b.together, blocks);
    b.splits = least(blocks, parts);
    // A piece transforms its filters once, or where they do not stay in the cache for each block.
    const std::int64_t times = b.chunks > 1 ? blocks : b.splits;
    b.filters_first = times * divide_up(b.rows, b.together) > kMostTransforms;
  }
  b.v_stride = odd_lines(b.together * b.depth);
  b.v_chunk = b.frequencies * b.v_stride;
  b.u_stride = odd_lines(b.depth * kPanel);
  b.u_chunk = b.frequencies * b.u_stride;
  b.m_stride = odd_lines(b.block * kPanel);
  return b;
}

// Channels of chunk i.
int depth_of(const Work& k, const Blocks& b, int chunk) {
  return least(b.depth, k.c - chunk * b.depth);
}

void transform_input(const Work& k, const Blocks& b, int chunk, std::int64_t first,
                     std::int64_t rows, float* v) {
  winograd_input({b.tiles, k.h, k.w, k.c, depth_of(k, b, chunk), first, rows, k.x + chunk * b.depth,
                  v, b.v_stride, b.depth});
}

// `rows` of a chunk's channels, from `first` on.
void transform_filters(const Work& k, const Blocks& b, int panel, int chunk, int first, int rows,
                       float* u) {
  const std::int64_t channel = chunk * b.depth + first, column = std::int64_t(panel) * kPanel;
  const int c = k.turned ? k.oc : k.c, oc = k.turned ? k.c : k.oc;
  const std::int64_t from = k.turned ? column * oc + channel : channel * oc + column;
  winograd_filters({k.r, b.tiles.t, c, oc, k.turned, rows,
                    int(least<std::int64_t>(kPanel, k.oc - column)), k.weight + from,
                    u + first * kPanel, b.u_stride});
}

void multiply_chunk(const Work& k, const Blocks& b, int chunk, std::int64_t rows, const float* v,
                    const float* u, float* m) {
  winograd_multiply({b.frequencies, depth_of(k, b, chunk), rows, chunk > 0, v, b.v_stride, b.depth,
                     u, b.u_stride, m, b.m_stride});
}

void transform_output(const Work& k, const Blocks& b, int panel, std::int64_t first,
                      std::int64_t rows, const float* m) {
  const int channel = panel * kPanel;
  const bool is_large = std::int64_t(k.n) * k.oh * k.ow * k.oc > kLargeOutput;
  winograd_output({b.tiles, k.oh, k.ow, k.oc, least(kPanel, k.oc - channel), first, rows, m,
                   b.m_stride, k.bias ? k.bias + channel : nullptr, k.beta, is_large,
                   k.y + channel});
}

// All filters: panel by panel, chunk by chunk.
std::int64_t filter_floats(const Blocks& b) {
  return std::int64_t(b.panels) * b.chunks * b.u_chunk;
}
std::int64_t filters_at(const Blocks& b, int panel, int chunk) {
  return (std::int64_t(panel) * b.chunks + chunk) * b.u_chunk;
}

void transform_all_filters(const Work& k, const Blocks& b, float* to) {
  const int parts = int(divide_up(b.depth, kFilterDepth));
  parallel_for(std::int64_t(b.panels) * b.chunks * parts, [&](std::int64_t piece) {
    const int part = int(piece % parts), chunk = int(piece / parts % b.chunks);
    const int panel = int(piece / parts / b.chunks);
    const int first = part * kFilterDepth;
    const int rows = least(kFilterDepth, depth_of(k, b, chunk) - first);
    if (rows > 0)
      transform_filters(k, b, panel, chunk, first, rows, to + filters_at(b, panel, chunk));
  });
}

void run_by_tiles(const Work& k, const Blocks& b, const float* filters, float* scratch) {
  const std::int64_t inputs = b.chunks * b.v_chunk, each = inputs + b.frequencies * b.m_stride;
  parallel_for(divide_up(b.rows, b.block), [&](std::int64_t piece, int worker) {
    float *v = scratch + worker * each, *m = v + inputs;
    const std::int64_t first = piece * b.block, rows = least(b.block, b.rows - first);
    for (int chunk = 0; chunk < b.chunks; ++chunk)
      transform_input(k, b, chunk, first, rows, v + chunk * b.v_chunk);
    for (int panel = 0; panel < b.panels; ++panel) {
      for (int chunk = 0; chunk < b.chunks; ++chunk)
        multiply_chunk(k, b, chunk, rows, v + chunk * b.v_chunk,
                       filters + filters_at(b, panel, chunk), m);
      transform_output(k, b, panel, first, rows, m);
    }
  });
}

// filters: null where the pieces are to transform them.
void run_by_filters(const Work& k, const Blocks& b, const float* filters, float* scratch) {
  float* inputs = scratch;
  scratch += b.chunks * b.v_chunk;
  const std::int64_t own_filters = filters ? 0 : b.u_chunk;
  const std::int64_t each = own_filters + b.frequencies * b.m_stride;
  for (std::int64_t begin = 0; begin < b.rows; begin += b.together) {
    const std::int64_t here = least(b.together, b.rows - begin);
    parallel_for(b.chunks * divide_up(here, kInputRows), [&](std::int64_t piece) {
      const int chunk = int(piece % b.chunks);
      const std::int64_t first = piece / b.chunks * kInputRows;
      transform_input(k, b, chunk, begin + first, least(kInputRows, here - first),
                      inputs + chunk * b.v_chunk + first * b.depth);
    });
    const std::int64_t blocks = divide_up(here, b.block), part = divide_up(blocks, b.splits);
    parallel_for(b.panels * b.splits, [&](std::int64_t piece, int worker) {
      float *own = scratch + worker * each, *m = own + own_filters;
      const int panel = int(piece / b.splits);
      const std::int64_t first = piece % b.splits * part, end = least(first + part, blocks);
      for (std::int64_t block = first; block < end; ++block) {
        const std::int64_t row = block * b.block, rows = least(b.block, here - row);
        for (int chunk = 0; chunk < b.chunks; ++chunk) {
          const float* u = filters ? filters + filters_at(b, panel, chunk) : own;
          if (!filters && (b.chunks > 1 || block == first))
            transform_filters(k, b, panel, chunk, 0, depth_of(k, b, chunk), own);
          multiply_chunk(k, b, chunk, rows, inputs + chunk * b.v_chunk + row * b.depth, u, m);
        }
        transform_output(k, b, panel, begin + row, rows, m);
      }
    });
  }
}

std::int64_t scratch_floats(const Work& k, const Blocks& b, int order) {
  const bool first = b.filters_first && !k.packed;
  const std::int64_t m = b.frequencies * b.m_stride, v = b.chunks * b.v_chunk;
  const std::int64_t all = first ? filter_floats(b) : 0;
  if (order == by_tiles) return all + max_workers() * (v + m);
  return all + v + max_workers() * ((first || k.packed ? 0 : b.u_chunk) + m);
}

// ---- the choice: what the work takes, in cycles of one core, roughly ----

constexpr double kFilterCycles = 7;  // for each vector of transformed filters

// `columns` values of each of `rows` products; whole vectors.
double product_cycles(double rows, std::int64_t columns, int width) {
  constexpr double kPerCycle = 1.8;  // vectors, of 2 at most
  return rows * double(divide_up(columns, width) * width / kLanes) / kPerCycle;
}

double winograd_cycles(const Work& k, int m, Order order) {
  const Blocks b = blocks_of(k, m, order);
  const double values = double(b.frequencies) * double(b.rows);  // of one channel
  const double filters = double(b.frequencies) * b.chunks * b.depth * b.panels * kPanel;
  const double in = double(divide_up(k.c, kLanes)), out = double(divide_up(k.oc, kLanes));
  // What one kind of operand does to the caches while the other stays: it is written, and read for
  // every block of the other.
  const double streamed = order == by_tiles ? filters * double(2 + divide_up(b.rows, b.block))
                                            : values * b.chunks * b.depth * (2 + .7 * b.panels);
  return product_cycles(values * k.c, k.oc, kPanel) + values * (12 * in + 7 * out) +
         kFilterCycles / kLanes * filters + streamed / 8;
}

// Its filters are packed, too, from memory and back.
double direct_cycles(const Work& k) {
  const double taps = double(k.r) * k.r * k.c;
  return product_cycles(taps * k.n * k.oh * k.ow, k.oc, kLanes) + taps * k.oc / kLanes * 12;
}

bool is_possible(const Conv2dArgs& a) {
  return a.pass != ConvPass::grad_w && a.groups == 1 && a.sh == 1 && a.sw == 1 && a.dh == 1 &&
         a.dw == 1 && a.kh == a.kw && (a.kh == 3 || a.kh == 5) && a.n > 0 &&
         (a.math == ConvMath::automatic || a.math == ConvMath::winograd);
}

}  // namespace

std::size_t winograd_pack(const Conv2dArgs& a, const Plan& plan, void* to) {
  const Work k = work_of(a);
  const Blocks b = blocks_of(k, plan.tile, plan.split);
  if (to) transform_all_filters(k, b, static_cast<float*>(to));
  return sizeof(float) * std::size_t(filter_floats(b));
}

bool winograd_plan(const Conv2dArgs& a, Plan& plan) {
  if (!is_possible(a)) return false;
  const Work k = work_of(a);
  double best = a.math == ConvMath::winograd ? 0 : direct_cycles(k);
  for (int m : {2, 3, 4, 6})
    for (Order order : {by_tiles, by_filters}) {
      if (m + k.r - 1 > kMostPoints || (k.r == 5 && m == 3)) continue;
      const double cycles = winograd_cycles(k, m, order);
      if (best > 0 && cycles >= best) continue;
      best = cycles;
      plan.tile = std::uint16_t(m);
      plan.split = order;
    }
  if (plan.tile == 0) return false;
  const Blocks b = blocks_of(k, plan.tile, plan.split);
  plan.scratch = sizeof(float) * std::size_t(scratch_floats(k, b, plan.split));
  return true;
}

const char* winograd_name(const Conv2dArgs& a, const Plan& plan) {
  if (a.kh == 5) return plan.tile == 2 ? "winograd F(2x2,5x5)" : "winograd F(4x4,5x5)";
  switch (plan.tile) {
    case 2:
      return "winograd F(2x2,3x3)";
    case 3:
      return "winograd F(3x3,3x3)";
    case 4:
      return "winograd F(4x4,3x3)";
    default:
      return "winograd F(6x6,3x3)";
  }
}

void winograd_run(const Conv2dArgs& a, const Plan& plan, void* scratch) {
  const Work k = work_of(a);
  const Blocks b = blocks_of(k, plan.tile, plan.split);
  float* work = static_cast<float*>(scratch);
  const float* filters = k.packed;
  if (!filters && b.filters_first) {
    transform_all_filters(k, b, work);
    filters = work;
    work += filter_floats(b);
  }
  if (plan.split == by_tiles)
    run_by_tiles(k, b, filters, work);
  else
    run_by_filters(k, b, filters, work);
}

}  // namespace mien::cpu::MIEN_ISA
