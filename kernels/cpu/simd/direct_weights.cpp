// The gradient of filters, directly: dw[ky, kx, ci, co] is the sum of x * dy over the pixels that
// the tap joins. Tiles of some channels of x by a panel of those of dy stay in registers while a
// block of pixels goes by. Pixels that a tap sees in the padding are left out, not multiplied by
// zero.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/simd.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr int kTileWidth = (kTileRows + kLanes - 1) / kLanes * kLanes;  // whole vectors
constexpr std::int64_t kPixels = 576;   // of a block, packed in the second-level cache
constexpr std::int64_t kLeastRun = 24;  // pixels in a row
constexpr std::int64_t kPieces = 16;
constexpr std::int64_t kSums = kLanes << 14;  // of dw in one piece: half a second-level cache

// How the work is cut. A piece is a block of dw's channels over one part of the images. It goes
// through them in blocks of `images` images and `rows` rows of y, of which it packs x and dy:
//   x:  [tile of ci][row][column][image][kTileWidth]
//   dy: [panel of co][row][column][image][kPanel]
// With the images inside, a tap's valid pixels of one row are one run, however small the image.
// Columns of x are sorted by their remainder modulo the stride for the same reason.
struct Cut {
  std::int64_t ci, co;  // channels of a block of dw
  std::int64_t ci_blocks, co_blocks, parts;
  std::int64_t images, rows;
  std::int64_t x_rows, x_phase, x_width;  // packed rows; columns of one remainder, of all
  std::int64_t tiles, panels;
  std::int64_t x_tile, dy_panel, sums;  // elements of a packed tile, panel, block of dw
};

// Blocks of dw for which the least is packed: x once for each block of co, dy for each of ci.
void cut_channels(const Conv2dArgs& a, Cut& c) {
  const std::int64_t taps = std::int64_t(a.kh) * a.kw;
  const std::int64_t x = std::int64_t(a.h) * a.w * a.c, dy = std::int64_t(a.oh) * a.ow * a.oc;
  std::int64_t cheapest = -1;
  for (std::int64_t panels = divide_up(a.oc, kPanel); panels > 0; --panels) {
    const std::int64_t co = panels * kPanel, co_blocks = divide_up(a.oc, co);
    const std::int64_t fit = most<std::int64_t>(kSums / (taps * co), kTileRows);
    const std::int64_t ci = divide_up(a.c, divide_up(a.c, fit)), ci_blocks = divide_up(a.c, ci);
    const std::int64_t cost = x * co_blocks + dy * ci_blocks;
    if (cheapest >= 0 && cost > cheapest) continue;
    cheapest = cost;
    c.ci = ci, c.co = co, c.ci_blocks = ci_blocks, c.co_blocks = co_blocks;
  }
}

Cut cut_of(const Conv2dArgs& a) {
  Cut c;
  cut_channels(a, c);
  const std::int64_t taps = std::int64_t(a.kh) * a.kw, n = a.n, oh = a.oh;
  c.images = least(divide_up(kLeastRun, a.ow), n);
  c.rows = least(most<std::int64_t>(kPixels / (c.images * a.ow), 1), oh);
  if (c.rows == oh) c.images = least(most(c.images, kPixels / (oh * a.ow)), n);
  c.rows = divide_up(oh, divide_up(oh, c.rows));
  const std::int64_t blocks = c.ci_blocks * c.co_blocks;
  c.parts = 2 * blocks > kPieces ? 1 : least(divide_up(kPieces, blocks), divide_up(n, c.images));
  c.x_rows = (c.rows - 1) * a.sh + (a.kh - 1) * a.dh + 1;
  c.x_phase = divide_up(a.w, a.sw);
  c.x_width = c.x_phase * a.sw;
  c.tiles = divide_up(c.ci, kTileRows);
  c.panels = c.co / kPanel;
  c.x_tile = c.x_rows * c.x_width * c.images * kTileWidth;
  c.dy_panel = c.rows * a.ow * c.images * kPanel;
  c.sums = taps * c.tiles * kTileRows * c.co;
  return c;
}

// What of the images a piece has packed.
struct Block {
  std::int64_t image, images, row, rows;  // rows of y
  std::int64_t first_row;                 // of x: the packed row 0, may lie in the padding
};

struct Channels {
  std::int64_t begin, end;
};

// kTileWidth channels of one pixel, of which `left` exist.
MIEN_INLINE void copy_tile(const float* from, std::int64_t left, float* to) {
  for (int i = 0; i < kTileWidth; i += kLanes)
    store(to + i, left >= i + kLanes ? load(from + i) : load_some(from + i, left - i));
}

// Every row on its own, tile by tile, so that it is read from the first-level cache all but once.
void pack_x(const Conv2dArgs& a, const Cut& c, const Block& b, Channels ci, float* to) {
  for (std::int64_t image = 0; image < b.images; ++image)
    for (std::int64_t row = 0; row < c.x_rows; ++row) {
      const std::int64_t y = b.first_row + row;
      // Where the stride is larger than the filter, no tap sees the rows between.
      if (y < 0 || y >= a.h || row % a.sh > (a.kh - 1) * a.dh) continue;
      const float* pixels =
          static_cast<const float*>(a.x) + ((b.image + image) * a.h + y) * a.w * a.c;
      float* tile = to + (row * c.x_width * b.images + image) * kTileWidth;
      for (std::int64_t first = ci.begin; first < ci.end; tile += c.x_tile) {
        for (int phase = 0; phase < a.sw; ++phase) {
          float* at = tile + phase * c.x_phase * b.images * kTileWidth;
          for (int x = phase; x < a.w; x += a.sw, at += b.images * kTileWidth)
            copy_tile(pixels + std::int64_t(x) * a.c + first, a.c - first, at);
        }
        first += tile_rows(ci.end - first);
      }
    }
}

void pack_dy(const Conv2dArgs& a, const Cut& c, const Block& b, Channels ch, float* to) {
  const std::int64_t pixels = b.rows * a.ow;
  for (std::int64_t image = 0; image < b.images; ++image) {
    const float* from =
        static_cast<const float*>(a.y) + ((b.image + image) * a.oh + b.row) * a.ow * a.oc;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel, from += a.oc) {
      float* at = to + (pixel * b.images + image) * kPanel;
      std::int64_t channel = ch.begin;
      for (; channel + kPanel <= ch.end; channel += kPanel, at += c.dy_panel) {
        store(at, load(from + channel));
        store(at + kLanes, load(from + channel + kLanes));
      }
      if (channel < ch.end) {
        store(at, load_some(from + channel, ch.end - channel));
        store(at + kLanes, load_some(from + channel + kLanes, ch.end - channel - kLanes));
      }
    }
  }
}

// The pixels that a tap joins: in each row of y from first_row to last_row a run of `run` steps.
struct TapPixels {
  std::int64_t rows, run, x, dy, x_step, dy_step;
};

TapPixels pixels_of(const Conv2dArgs& a, const Cut& c, const Block& b, int ky, int kx) {
  const std::int64_t top = a.pt - std::int64_t(ky) * a.dh, left = a.pl - std::int64_t(kx) * a.dw;
  const auto from = [](std::int64_t pad, std::int64_t stride) {
    return pad > 0 ? divide_up(pad, stride) : std::int64_t(0);
  };
  const auto to = [](std::int64_t pad, std::int64_t stride, std::int64_t size, std::int64_t out) {
    return size + pad > 0 ? least<std::int64_t>(divide_up(size + pad, stride), out)
                          : std::int64_t(0);
  };
  const std::int64_t row = most<std::int64_t>(from(top, a.sh), b.row);
  const std::int64_t last = least<std::int64_t>(to(top, a.sh, a.h, a.oh), b.row + b.rows);
  const std::int64_t column = from(left, a.sw), end = to(left, a.sw, a.w, a.ow);
  TapPixels p{};
  if (row >= last || column >= end) return p;
  p.rows = last - row;
  p.run = (end - column) * b.images;
  const std::int64_t x = column * a.sw - left;
  p.x = ((row * a.sh - top - b.first_row) * c.x_width + x % a.sw * c.x_phase + x / a.sw) *
        b.images * kTileWidth;
  p.dy = ((row - b.row) * a.ow + column) * b.images * kPanel;
  p.x_step = a.sh * c.x_width * b.images * kTileWidth;
  p.dy_step = std::int64_t(a.ow) * b.images * kPanel;
  if (p.x_step == p.run * kTileWidth && p.dy_step == p.run * kPanel) {
    p.run *= p.rows;
    p.rows = 1;
  }
  return p;
}

// to[row][kPanel] = beta to + the sum over a tap's pixels.
template <int kRows>
void add_pixels(const TapPixels& p, const float* x, const float* dy, float* to, float beta) {
  float* c[kRows];
  for (int r = 0; r < kRows; ++r) {
    c[r] = to + r * kPanel;
    __builtin_prefetch(c[r], 1);
    __builtin_prefetch(c[r] + kLanes, 1);
  }
  Tile<kRows, 2> t;
  clear(t);
  x += p.x;
  dy += p.dy;
  for (std::int64_t row = 0; row < p.rows; ++row, x += p.x_step, dy += p.dy_step)
    add_columns(t, x, kTileWidth, dy, kPanel, p.run);
  finish(t, c, beta, nullptr, kPanel);
}

template <int kRows>
void add_pixels(int rows, const TapPixels& p, const float* x, const float* dy, float* to,
                float beta) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return add_pixels<kRows>(p, x, dy, to, beta);
    add_pixels<kRows - 1>(rows, p, x, dy, to, beta);
  }
}

// sums: [panel][tile][tap][kTileRows][kPanel]
void add_block(const Conv2dArgs& a, const Cut& c, const Block& b, Channels ci, Channels co,
               const float* x, const float* dy, float* sums, float beta) {
  for (std::int64_t channel = co.begin; channel < co.end; channel += kPanel, dy += c.dy_panel) {
    const float* tile = x;
    for (std::int64_t first = ci.begin; first < ci.end; tile += c.x_tile) {
      const int height = tile_rows(ci.end - first);
      for (int ky = 0; ky < a.kh; ++ky)
        for (int kx = 0; kx < a.kw; ++kx, sums += kTileRows * kPanel)
          add_pixels<kTileRows>(height, pixels_of(a, c, b, ky, kx), tile, dy, sums, beta);
      first += height;
    }
  }
}

// dw = beta dw + the sums of all parts, in their order.
void unpack(const Conv2dArgs& a, Channels ci, Channels co, const float* sums, std::int64_t parts,
            std::int64_t step) {
  float* dw = static_cast<float*>(a.weight);
  const std::int64_t taps = std::int64_t(a.kh) * a.kw;
  const float beta = float(a.beta);
  for (std::int64_t channel = co.begin; channel < co.end; channel += kPanel) {
    for (std::int64_t first = ci.begin; first < ci.end;) {
      const int height = tile_rows(ci.end - first);
      for (std::int64_t tap = 0; tap < taps; ++tap, sums += kTileRows * kPanel)
        for (int r = 0; r < height; ++r)
          for (int v = 0; v < kPanel; v += kLanes) {
            const std::int64_t count = co.end - channel - v;
            if (count <= 0) break;
            float* to = dw + (tap * a.c + first + r) * a.oc + channel + v;
            Vec sum{};
            for (std::int64_t part = 0; part < parts; ++part)
              sum += load(sums + part * step + r * kPanel + v);
            if (count >= kLanes) {
              if (beta != 0) sum += splat(beta) * load(to);
              store(to, sum);
            } else {
              if (beta != 0) sum += splat(beta) * load_some(to, count);
              store_some(to, sum, count);
            }
          }
      first += height;
    }
  }
}

Channels part_of(std::int64_t block, std::int64_t size, std::int64_t all) {
  return {block * size, least<std::int64_t>((block + 1) * size, all)};
}

}  // namespace

bool direct_weights_plan(const Conv2dArgs& a, Plan& plan) {
  if (a.pass != ConvPass::grad_w || a.groups != 1 || a.n == 0) return false;
  const Cut c = cut_of(a);
  const std::int64_t workers = num_threads(), blocks = c.ci_blocks * c.co_blocks;
  const std::int64_t packed = c.tiles * c.x_tile + c.panels * c.dy_panel;
  const std::int64_t sums = c.parts > 1 ? c.parts * blocks : workers;
  plan.scratch = std::size_t(workers * packed + sums * c.sums) * sizeof(float);
  return true;
}

void direct_weights_run(const Conv2dArgs& a, const Plan&, void* scratch) {
  const Cut c = cut_of(a);
  const std::int64_t blocks = c.ci_blocks * c.co_blocks;
  const std::int64_t packed = c.tiles * c.x_tile + c.panels * c.dy_panel;
  float* all_sums = static_cast<float*>(scratch);
  float* all_packed = all_sums + (c.parts > 1 ? c.parts * blocks : num_threads()) * c.sums;
  parallel_for(c.parts * blocks, [&](std::int64_t piece, int worker) {
    const std::int64_t block = piece % blocks, part = piece / blocks;
    const Channels ci = part_of(block % c.ci_blocks, c.ci, a.c);
    const Channels co = part_of(block / c.ci_blocks, c.co, a.oc);
    float* sums = all_sums + (c.parts > 1 ? piece : worker) * c.sums;
    float *x = all_packed + worker * packed, *dy = x + c.tiles * c.x_tile;
    float beta = 0;  // of the sums
    const std::int64_t last = a.n * (part + 1) / c.parts;
    for (std::int64_t image = a.n * part / c.parts; image < last; image += c.images)
      for (std::int64_t row = 0; row < a.oh; row += c.rows) {
        const Block b{.image = image,
                      .images = least(c.images, last - image),
                      .row = row,
                      .rows = least(c.rows, a.oh - row),
                      .first_row = row * a.sh - a.pt};
        pack_x(a, c, b, ci, x);
        pack_dy(a, c, b, co, dy);
        add_block(a, c, b, ci, co, x, dy, sums, beta);
        beta = 1;
      }
    if (c.parts == 1) unpack(a, ci, co, sums, 1, 0);
  });
  if (c.parts == 1) return;
  parallel_for(blocks, [&](std::int64_t block) {
    unpack(a, part_of(block % c.ci_blocks, c.ci, a.c), part_of(block / c.ci_blocks, c.co, a.oc),
           all_sums + block * c.sums, c.parts, blocks * c.sums);
  });
}

}  // namespace mien::cpu::MIEN_ISA
