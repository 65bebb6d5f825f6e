// correlate: the direct convolution. Blocks of the input are copied with their padding, so that a
// window's rows are contiguous; no patch matrix is ever written.
#include "kernels/cpu/simd/correlate.h"

#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// A block of the input is to stay in the second-level cache beside a panel of the weights.
constexpr std::int64_t kBlockBytes = kLanes == 16 ? 512 << 10 : 256 << 10;
constexpr std::int64_t kChunkBytes = kLanes == 16 ? 320 << 10 : 128 << 10;
constexpr std::int64_t kEnoughPieces = 32;
constexpr std::int64_t kLeastRows = 4 * kTileRows;  // of one piece

// How the work is cut: pieces are (block of images, band of rows, group of panels).
struct Cut {
  std::int64_t images, band, panels;   // of one piece
  std::int64_t blocks, bands, groups;  // pieces along each
  std::int64_t in_h, in_w;             // rows and columns of `from` that a band reads, with padding
  bool copied;                         // into scratch, for the padding
  std::int64_t copy, rows, runs;       // sizes: floats of the copy, places of a piece, runs of k
  std::size_t per_worker;
};

std::int64_t round_up(std::int64_t bytes) { return divide_up(bytes, 64) * 64; }

// Rows of k that are contiguous in `from`: a whole row of taps where nothing lies between them.
std::int64_t run_length(const Correlation& c) { return c.dx == 1 ? c.kw * c.c : c.c; }
std::int64_t run_count(const Correlation& c) { return c.dx == 1 ? c.kh : c.kh * c.kw; }

Cut cut(const Correlation& c) {
  Cut t{};
  const std::int64_t panels = divide_up(c.oc, kPanel);
  t.in_w = (c.ow - 1) * c.sx + (c.kw - 1) * c.dx + 1;
  const auto in_h = [&](std::int64_t band) { return (band - 1) * c.sy + (c.kh - 1) * c.dy + 1; };
  t.copied = c.kh * c.kw > 0 && (c.pt != 0 || c.pl != 0 || in_h(c.oh) > c.h || t.in_w > c.w);
  const std::int64_t image_bytes = most(in_h(c.oh) * t.in_w * c.c * 4, std::int64_t(1));
  t.images = least(c.n, most(kBlockBytes / image_bytes, std::int64_t(1)));
  t.band = c.oh;
  t.groups = 1;
  const std::int64_t weight_bytes = packed_size(c) * 4;
  for (;;) {
    t.panels = divide_up(panels, t.groups);
    t.groups = divide_up(panels, t.panels);
    t.blocks = divide_up(c.n, t.images);
    t.bands = divide_up(c.oh, t.band);
    if (t.blocks * t.bands * t.groups >= kEnoughPieces) break;
    // Each piece reads its weights and its input: the larger of the two is split.
    const bool few_rows = t.images * t.band * c.ow < 2 * kLeastRows || t.images * t.band == 1;
    const bool weights_larger =
        weight_bytes / t.groups > t.images * in_h(t.band) * t.in_w * c.c * 4;
    if (t.panels > 1 && (weights_larger || few_rows))
      t.groups *= 2;
    else if (few_rows)
      break;
    else if (t.images > 1)
      t.images = divide_up(t.images, 2);
    else
      t.band = divide_up(t.band, 2);
  }
  t.in_h = in_h(t.band);
  t.copy = t.copied ? t.images * t.in_h * t.in_w * c.c : 0;
  t.rows = t.images * t.band * c.ow;
  t.runs = run_count(c);
  t.per_worker = std::size_t(round_up(t.copy * 4) + round_up(t.rows * 2 * 8) + 64);
  return t;
}

// What a worker has at hand: the block and band that it copied last, and where their places lie.
struct Held {
  std::int64_t block, band;
};

struct Piece {
  std::int64_t first_image, images, first_row, rows;  // rows of places
};

void copy_padded(const Correlation& c, const Cut& t, const Piece& p, float* to) {
  const std::int64_t before = most(std::int64_t(0), least(c.pl, t.in_w));
  const std::int64_t skipped = most(std::int64_t(0), -c.pl);
  const std::int64_t inside = most(std::int64_t(0), least(t.in_w - before, c.w - skipped));
  const std::int64_t after = t.in_w - before - inside;
  for (std::int64_t i = 0; i < p.images; ++i) {
    const float* image = c.from + (p.first_image + i) * c.h * c.w * c.c;
    for (std::int64_t r = 0; r < t.in_h; ++r, to += t.in_w * c.c) {
      const std::int64_t row = p.first_row * c.sy - c.pt + r;
      if (row < 0 || row >= c.h) {
        __builtin_memset(to, 0, std::size_t(t.in_w * c.c) * 4);
        continue;
      }
      __builtin_memset(to, 0, std::size_t(before * c.c) * 4);
      __builtin_memcpy(to + before * c.c, image + (row * c.w + skipped) * c.c,
                       std::size_t(inside * c.c) * 4);
      __builtin_memset(to + (before + inside) * c.c, 0, std::size_t(after * c.c) * 4);
    }
  }
}

struct Work {
  const Correlation& c;
  const Cut& t;
  const Run* run;
  char* workers;

  void operator()(std::int64_t number, int worker) const {
    const std::int64_t group = number % t.groups, band = number / t.groups % t.bands;
    const std::int64_t block = number / t.groups / t.bands;
    const Piece p{block * t.images, least(t.images, c.n - block * t.images), band * t.band,
                  least(t.band, c.oh - band * t.band)};
    char* own = workers + std::size_t(worker) * t.per_worker;
    Held& held = *reinterpret_cast<Held*>(own);
    std::int64_t* a_rows = reinterpret_cast<std::int64_t*>(own + 64);
    std::int64_t* c_rows = a_rows + t.rows;
    float* copy = reinterpret_cast<float*>(own + 64 + round_up(t.rows * 2 * 8));
    if (held.block != block || held.band != band) {
      held = {block, band};
      if (t.copied) copy_padded(c, t, p, copy);
      list_rows(p, a_rows, c_rows);
    }
    const float* from =
        t.copied ? copy : c.from + ((p.first_image * c.h + p.first_row * c.sy) * c.w) * c.c;
    float* to = c.to + p.first_image * c.to_image + p.first_row * c.to_row;
    const std::int64_t panels = divide_up(c.oc, kPanel);
    const std::int64_t last = least(panels, (group + 1) * t.panels);
    for (std::int64_t panel = group * t.panels; panel < last; ++panel)
      multiply_panel(p, panel, from, a_rows, to, c_rows);
  }

  // Where the windows start in what is read, and where their results go.
  void list_rows(const Piece& p, std::int64_t* a_rows, std::int64_t* c_rows) const {
    const std::int64_t in_w = t.copied ? t.in_w : c.w, in_h = t.copied ? t.in_h : c.h;
    for (std::int64_t i = 0; i < p.images; ++i)
      for (std::int64_t y = 0; y < p.rows; ++y)
        for (std::int64_t x = 0; x < c.ow; ++x) {
          *a_rows++ = ((i * in_h + y * c.sy) * in_w + x * c.sx) * c.c;
          *c_rows++ = i * c.to_image + y * c.to_row + x * c.to_column;
        }
  }

  void multiply_panel(const Piece& p, std::int64_t panel, const float* from,
                      const std::int64_t* a_rows, float* to, const std::int64_t* c_rows) const {
    const std::int64_t k = c.kh * c.kw * c.c;
    const float* b = c.weight + panel * k * kPanel;
    PanelArgs args{.rows = p.images * p.rows * c.ow,
                   .columns = least(std::int64_t(kPanel), c.oc - panel * kPanel),
                   .run = run,
                   .runs = 0,
                   .a = from,
                   .a_stride = 0,
                   .a_rows = a_rows,
                   .b = b,
                   .b_stride = 0,
                   .c = to + panel * kPanel,
                   .c_stride = 0,
                   .c_rows = c_rows,
                   .beta = c.beta,
                   .bias = c.bias ? c.bias + panel * kPanel : nullptr};
    // Runs as many as make a chunk of the panel that stays in cache.
    const std::int64_t most_k = kChunkBytes / (4 * kPanel);
    for (std::int64_t first = 0; first < t.runs || first == 0;) {
      std::int64_t rows = 0;
      args.run = run + first;
      args.runs = 0;
      while (first < t.runs && (args.runs == 0 || rows + run[first].k <= most_k)) {
        rows += run[first++].k;
        ++args.runs;
      }
      multiply(args);
      args.b += rows * kPanel;
      args.beta = 1;
      args.bias = nullptr;
      if (t.runs == 0) break;
    }
  }
};

}  // namespace

std::int64_t packed_size(const Correlation& c) {
  return divide_up(c.oc, kPanel) * kPanel * c.kh * c.kw * c.c;
}

std::size_t correlate_scratch(const Correlation& c) {
  const Cut t = cut(c);
  return std::size_t(round_up(t.runs * std::int64_t(sizeof(Run)))) +
         std::size_t(num_threads()) * t.per_worker;
}

void correlate(const Correlation& c, void* scratch) {
  const Cut t = cut(c);
  Run* run = static_cast<Run*>(scratch);
  const std::int64_t in_w = t.copied ? t.in_w : c.w;
  for (std::int64_t i = 0; i < t.runs; ++i) {
    const std::int64_t ky = c.dx == 1 ? i : i / c.kw, kx = c.dx == 1 ? 0 : i % c.kw;
    run[i] = {(ky * c.dy * in_w + kx * c.dx) * c.c, run_length(c)};
  }
  char* workers = static_cast<char*>(scratch) + round_up(t.runs * std::int64_t(sizeof(Run)));
  for (int i = 0; i < num_threads(); ++i)
    *reinterpret_cast<Held*>(workers + std::size_t(i) * t.per_worker) = {-1, -1};
  parallel_for(t.blocks * t.bands * t.groups, Work{c, t, run, workers});
}

}  // namespace mien::cpu::MIEN_ISA
