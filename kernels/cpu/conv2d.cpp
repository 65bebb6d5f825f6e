// conv2d: convolution as products of patch matrices (im2col), a tile of rows at a time.
#include <algorithm>

#include "kernels/cpu/conv2d_depthwise.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/im2col.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

enum Algorithm : std::uint16_t {
  direct,   // depthwise loops
  product,  // forward: y = patches(x) w
  turned,   // grad_x of stride 1: dx = patches(dy) w', the filters turned round
  scatter,  // grad_x: patches(dx) = dy w^T, added to their pixels
  weights   // grad_w: dw = patches(x)^T dy
};

constexpr std::int64_t kTileBytes = 2 << 20;  // of patches, read at once from a second-level cache
constexpr std::int64_t kLeastRows = 128, kMostRows = 512;
constexpr std::int64_t kEnoughPieces = 8;
constexpr std::int64_t kLeastColumns = 64;  // of y in one piece
constexpr std::int64_t kWeightRows = 256;   // of dw in one piece
constexpr std::int64_t kLeastSplit = 2048;  // rows of patches in one part of a split dw

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

Patches patches_of_x(const Conv2dArgs& a) {
  return {.h = a.h,
          .w = a.w,
          .channels = a.c,
          .first = 0,
          .c = a.c / a.groups,
          .oh = a.oh,
          .ow = a.ow,
          .kh = a.kh,
          .kw = a.kw,
          .sh = a.sh,
          .sw = a.sw,
          .dh = a.dh,
          .dw = a.dw,
          .pt = a.pt,
          .pl = a.pl};
}

// What the pixels of x were seen by: patches of dy with the filters turned round (stride 1).
Patches patches_of_dy(const Conv2dArgs& a) {
  return {.h = a.oh,
          .w = a.ow,
          .channels = a.oc,
          .first = 0,
          .c = a.oc / a.groups,
          .oh = a.h,
          .ow = a.w,
          .kh = a.kh,
          .kw = a.kw,
          .sh = 1,
          .sw = 1,
          .dh = a.dh,
          .dw = a.dw,
          .pt = a.dh * (a.kh - 1) - a.pt,
          .pl = a.dw * (a.kw - 1) - a.pl};
}

std::int64_t tile_rows(const Patches& p, std::int64_t rows, std::int64_t element) {
  const std::int64_t fits = kTileBytes / (p.columns() * element) / 16 * 16;
  const std::int64_t share = divide_up(divide_up(rows, kEnoughPieces), 16) * 16;
  return std::clamp(std::min(fits, share), kLeastRows, kMostRows);
}

// Blocks of a group's columns where there are few tiles (small images, batch 1).
std::int64_t column_blocks(std::int64_t tiles, std::int64_t columns) {
  if (tiles == 0) return 1;
  return std::clamp(divide_up(kEnoughPieces, tiles), std::int64_t(1),
                    std::max(columns / kLeastColumns, std::int64_t(1)));
}

// Rows of one group's dw that a piece computes.
std::int64_t weight_block(const Conv2dArgs& a, std::int64_t columns) {
  const std::int64_t wanted =
      std::max(divide_up(columns, kWeightRows),
               std::min(divide_up(kEnoughPieces, a.groups), divide_up(columns, kLeastColumns)));
  return divide_up(divide_up(columns, wanted), 4) * 4;
}

// y = beta y + bias + patches(from) w for every group; w: [columns of the patches, groups * oc]
// with `oc` columns for each group.
template <class T>
struct Product {
  Patches patches;
  std::int64_t images;
  int groups;
  const T *from, *w, *bias;
  std::int64_t oc, w_group, ldw;  // w_group: elements from one group's w to the next
  T* y;
  double beta;
};

template <class T>
void multiply(const Product<T>& p, const Plan& plan, T* scratch) {
  const std::int64_t rows = p.images * p.patches.rows_per_image(), columns = p.patches.columns();
  const std::int64_t tiles = divide_up(rows, plan.tile), blocks = plan.split;
  const std::int64_t width = divide_up(divide_up(p.oc, blocks), 16) * 16, ldy = p.groups * p.oc;
  parallel_for(tiles * p.groups * blocks, [&](std::int64_t piece, int worker) {
    const std::int64_t block = piece % blocks, group = piece / blocks % p.groups;
    const std::int64_t row = piece / blocks / p.groups * plan.tile;
    const std::int64_t column = block * width;
    if (column >= p.oc) return;
    GemmBlock<T> g{.m = std::min<std::int64_t>(plan.tile, rows - row),
                   .n = std::min(width, p.oc - column),
                   .k = columns,
                   .trans_a = false,
                   .trans_c = false,
                   .a = nullptr,
                   .lda = columns,
                   .c = p.w + group * p.w_group + column,
                   .ldc = p.ldw,
                   .y = p.y + row * ldy + group * p.oc + column,
                   .ldy = ldy};
    Patches patches = p.patches;
    patches.first = int(group) * patches.c;
    if (patches.is_image()) {
      g.a = p.from + row * patches.channels + patches.first;
      g.lda = patches.channels;
    } else {
      T* tile = scratch + worker * plan.tile * columns;
      gather_patches(patches, p.from, row, g.m, 0, columns, tile);
      g.a = tile;
    }
    begin_rows(g.y, g.m, g.n, ldy, p.bias ? p.bias + group * p.oc + column : nullptr, p.beta);
    gemm_add(g);
  });
}

template <class T>
void forward(const Conv2dArgs& a, const Plan& plan, T* scratch) {
  multiply<T>({.patches = patches_of_x(a),
               .images = a.n,
               .groups = a.groups,
               .from = static_cast<const T*>(a.x),
               .w = static_cast<const T*>(a.weight),
               .bias = static_cast<const T*>(a.bias),
               .oc = a.oc / a.groups,
               .w_group = a.oc / a.groups,
               .ldw = a.oc,
               .y = static_cast<T*>(a.y),
               .beta = 0},
              plan, scratch);
}

template <class T>
void grad_x_turned(const Conv2dArgs& a, const Plan& plan, T* scratch) {
  // w'[group][ky, kx, o, c] = w[KH - 1 - ky, KW - 1 - kx, c, group o]
  const std::int64_t taps = std::int64_t(a.kh) * a.kw, c = a.c / a.groups, oc = a.oc / a.groups;
  const T* w = static_cast<const T*>(a.weight);
  T* turned_w = scratch;
  parallel_for(taps * a.groups, [&](std::int64_t piece) {
    const std::int64_t tap = piece / a.groups, group = piece % a.groups;
    const T* from = w + (taps - 1 - tap) * c * a.oc + group * oc;
    T* to = turned_w + (group * taps + tap) * oc * c;
    for (std::int64_t o = 0; o < oc; ++o)
      for (std::int64_t i = 0; i < c; ++i) to[o * c + i] = from[i * a.oc + o];
  });
  multiply<T>({.patches = patches_of_dy(a),
               .images = a.n,
               .groups = a.groups,
               .from = static_cast<const T*>(a.y),
               .w = turned_w,
               .bias = nullptr,
               .oc = c,
               .w_group = taps * oc * c,
               .ldw = c,
               .y = static_cast<T*>(a.x),
               .beta = a.beta},
              plan, scratch + taps * c * a.oc);
}

// Pieces are images: patches overlap, and their sums must not depend on the threads.
template <class T>
void grad_x_scattered(const Conv2dArgs& a, const Plan& plan, T* scratch) {
  const Patches patches = patches_of_x(a);
  const std::int64_t rows = patches.rows_per_image(), columns = patches.columns();
  const std::int64_t oc = a.oc / a.groups, pixels = std::int64_t(a.h) * a.w;
  const T *dy = static_cast<const T*>(a.y), *w = static_cast<const T*>(a.weight);
  parallel_for(std::int64_t(a.n) * a.groups, [&](std::int64_t piece, int worker) {
    const std::int64_t image = piece / a.groups, group = piece % a.groups;
    T* dx = static_cast<T*>(a.x) + image * pixels * a.c;
    Patches own = patches;
    own.first = int(group) * own.c;
    begin_rows<T>(dx + own.first, pixels, own.c, a.c, nullptr, a.beta);
    T* tile = scratch + worker * plan.tile * columns;
    for (std::int64_t row = 0; row < rows; row += plan.tile) {
      const std::int64_t count = std::min<std::int64_t>(plan.tile, rows - row);
      std::fill(tile, tile + count * columns, T(0));
      gemm_add<T>({.m = count,
                   .n = columns,
                   .k = oc,
                   .trans_a = false,
                   .trans_c = true,
                   .a = dy + (image * rows + row) * a.oc + group * oc,
                   .lda = a.oc,
                   .c = w + group * oc,
                   .ldc = a.oc,
                   .y = tile,
                   .ldy = columns});
      scatter_patches(own, tile, row, count, dx);
    }
  });
}

// Pieces are blocks of dw's rows, each over all rows of the patches: nothing to add up afterwards.
// Where that gives too few (a first layer has nine rows in all), the patches' rows are split into
// parts, whose sums are added in their order.
template <class T>
void grad_w(const Conv2dArgs& a, const Plan& plan, T* scratch) {
  const Patches patches = patches_of_x(a);
  const std::int64_t rows = a.n * patches.rows_per_image(), columns = patches.columns();
  const std::int64_t oc = a.oc / a.groups, size = columns * a.oc, splits = plan.split;
  const std::int64_t height = weight_block(a, columns), blocks = divide_up(columns, height);
  const std::int64_t part = divide_up(rows, splits);
  const T *x = static_cast<const T*>(a.x), *dy = static_cast<const T*>(a.y);
  T *dw = static_cast<T*>(a.weight), *parts = scratch;
  T* tiles = scratch + (splits > 1 ? splits * size : 0);
  parallel_for(splits * a.groups * blocks, [&](std::int64_t piece, int worker) {
    const std::int64_t block = piece % blocks, group = piece / blocks % a.groups;
    const std::int64_t split = piece / blocks / a.groups;
    const std::int64_t begin = block * height, end = std::min(columns, begin + height);
    Patches own = patches;
    own.first = int(group) * own.c;
    T* to = (splits > 1 ? parts + split * size : dw) + begin * a.oc + group * oc;
    begin_rows<T>(to, end - begin, oc, a.oc, nullptr, splits > 1 ? 0 : a.beta);
    T* tile = tiles + worker * plan.tile * height;
    const std::int64_t last = std::min(rows, (split + 1) * part);
    for (std::int64_t row = split * part; row < last; row += plan.tile) {
      const std::int64_t count = std::min<std::int64_t>(plan.tile, last - row);
      GemmBlock<T> g{.m = end - begin,
                     .n = oc,
                     .k = count,
                     .trans_a = true,
                     .trans_c = false,
                     .a = tile,
                     .lda = end - begin,
                     .c = dy + row * a.oc + group * oc,
                     .ldc = a.oc,
                     .y = to,
                     .ldy = a.oc};
      if (own.is_image()) {
        g.a = x + row * a.c + own.first + begin;
        g.lda = a.c;
      } else {
        gather_patches(own, x, row, count, begin, end, tile);
      }
      gemm_add(g);
    }
  });
  if (splits == 1) return;
  parallel_ranges(size, kGrain, [&](std::int64_t begin, std::int64_t end) {
    begin_rows<T>(dw + begin, 1, end - begin, 0, nullptr, a.beta);
    for (std::int64_t split = 0; split < splits; ++split)
      for (std::int64_t i = begin; i < end; ++i) dw[i] += parts[split * size + i];
  });
}

}  // namespace

template <class T>
Plan conv2d_plan(const Conv2dArgs& a) {
  if (a.groups == a.c && a.c > 1)
    return {.algorithm = direct, .scratch = std::size_t(depthwise_scratch(a)) * sizeof(T)};
  const Patches x = patches_of_x(a);
  const std::int64_t rows = a.n * x.rows_per_image(), weight_size = x.columns() * a.oc;
  std::int64_t elements = 0;  // of scratch
  Plan plan;
  const auto tiled = [&](const Patches& patches, std::int64_t all_rows) {
    plan.tile = std::uint16_t(tile_rows(patches, all_rows, sizeof(T)));
    if (!patches.is_image()) elements += max_workers() * plan.tile * patches.columns();
  };
  const auto whole_product = [&](const Patches& patches, std::int64_t columns) {
    const std::int64_t all_rows = a.n * patches.rows_per_image();
    tiled(patches, all_rows);
    plan.split =
        std::uint16_t(column_blocks(divide_up(all_rows, plan.tile) * a.groups, columns / a.groups));
  };
  if (a.pass == ConvPass::forward) {
    plan.algorithm = product;
    whole_product(x, a.oc);
  } else if (a.pass == ConvPass::grad_x && a.sh == 1 && a.sw == 1) {
    plan.algorithm = turned;
    elements = weight_size;
    whole_product(patches_of_dy(a), a.c);
  } else if (a.pass == ConvPass::grad_x) {
    plan.algorithm = scatter;
    plan.tile = std::uint16_t(tile_rows(x, x.rows_per_image(), sizeof(T)));
    elements = max_workers() * plan.tile * x.columns();
  } else {
    plan.algorithm = weights;
    const std::int64_t height = weight_block(a, x.columns());
    const std::int64_t pieces = a.groups * divide_up(x.columns(), height);
    plan.tile = kMostRows;
    plan.split = std::uint16_t(std::clamp(divide_up(kEnoughPieces, pieces), std::int64_t(1),
                                          std::max(rows / kLeastSplit, std::int64_t(1))));
    elements = (plan.split > 1 ? plan.split * weight_size : 0) +
               (x.is_image() ? 0 : max_workers() * plan.tile * height);
  }
  plan.scratch = std::size_t(elements) * sizeof(T);
  return plan;
}

template <class T>
std::size_t conv2d_pack(const Conv2dArgs&, const Plan&, void*) {
  return 0;
}

template <class T>
void conv2d(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle) {
  T* work = static_cast<T*>(scratch);
  switch (plan.algorithm) {
    case direct:
      return depthwise(a, work);
    case product:
      return forward(a, plan, work);
    case turned:
      return grad_x_turned(a, plan, work);
    case scatter:
      return grad_x_scattered(a, plan, work);
    case weights:
      return grad_w(a, plan, work);
  }
}

const char* conv2d_name(const Conv2dArgs&, const Plan& plan) {
  constexpr const char* kNames[] = {"depthwise", "im2col", "im2col, filters turned",
                                    "im2col, scattered", "im2col, transposed"};
  return kNames[plan.algorithm];
}

template Plan conv2d_plan<float>(const Conv2dArgs&);
template Plan conv2d_plan<double>(const Conv2dArgs&);
template std::size_t conv2d_pack<float>(const Conv2dArgs&, const Plan&, void*);
template std::size_t conv2d_pack<double>(const Conv2dArgs&, const Plan&, void*);
template void conv2d<float>(const Conv2dArgs&, const Plan&, void*, StreamHandle);
template void conv2d<double>(const Conv2dArgs&, const Plan&, void*, StreamHandle);

}  // namespace mien::cpu
