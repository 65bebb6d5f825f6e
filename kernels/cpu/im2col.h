#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mien::cpu {

/// Images [n, h, w, channels] read as a matrix of patches: row (image, oy, ox), column
/// (ky, kx, channel), for c of the channels from `first` on. Only pieces of the matrix are ever
/// written down. Padding may be negative: the patches then start inside the image.
struct Patches {
  int h, w, channels, first, c;
  int oh, ow, kh, kw, sh, sw, dh, dw, pt, pl;

  std::int64_t columns() const { return std::int64_t(kh) * kw * c; }
  std::int64_t rows_per_image() const { return std::int64_t(oh) * ow; }
  /// Whether the matrix lies in memory as it is: 1 x 1, each pixel once.
  bool is_image() const {
    return kh == 1 && kw == 1 && sh == 1 && sw == 1 && pt == 0 && pl == 0 && oh == h && ow == w;
  }
};

/// Columns [begin, end) of the patches at (oy, ox) .. (oy, ox + count - 1): calls
/// run(patch, at, from, length) for each run of elements that lie side by side, at `at` of that
/// patch (counted from begin) and at `from` of the image; from is -1 for padding.
template <class Run>
void walk_patches(const Patches& p, int oy, int ox, int count, std::int64_t begin, std::int64_t end,
                  Run&& run) {
  const std::int64_t line = std::int64_t(p.kw) * p.c;
  const bool dense = p.dw == 1 && p.c == p.channels;  // a row of taps is one run
  for (std::int64_t ky = begin / line; ky * line < end; ++ky) {
    const int y = oy * p.sh - p.pt + int(ky) * p.dh;
    const std::int64_t first = std::max(begin, ky * line), last = std::min(end, (ky + 1) * line);
    const std::int64_t row = std::int64_t(y) * p.w;
    if (y < 0 || y >= p.h) {
      for (int i = 0; i < count; ++i) run(i, first - begin, std::int64_t(-1), last - first);
    } else if (dense) {
      for (int i = 0; i < count; ++i) {
        const int x = (ox + i) * p.sw - p.pl;
        const std::int64_t from = (row + x) * p.c - ky * line;  // of column 0
        if (x >= 0 && x + p.kw <= p.w) {
          run(i, first - begin, from + first, last - first);
          continue;
        }
        const std::int64_t low = ky * line + std::int64_t(std::max(0, -x)) * p.c;
        const std::int64_t high = ky * line + std::int64_t(std::clamp(p.w - x, 0, p.kw)) * p.c;
        const std::int64_t inside = std::clamp(low, first, last);
        const std::int64_t beyond = std::clamp(high, inside, last);
        if (inside > first) run(i, first - begin, std::int64_t(-1), inside - first);
        if (beyond > inside) run(i, inside - begin, from + inside, beyond - inside);
        if (last > beyond) run(i, beyond - begin, std::int64_t(-1), last - beyond);
      }
    } else {
      for (std::int64_t kx = (first - ky * line) / p.c; ky * line + kx * p.c < last; ++kx) {
        const std::int64_t tap = ky * line + kx * p.c;
        const std::int64_t a = std::max(first, tap), b = std::min(last, tap + p.c);
        for (int i = 0; i < count; ++i) {
          const int x = (ox + i) * p.sw - p.pl + int(kx) * p.dw;
          const bool inside = x >= 0 && x < p.w;
          run(i, a - begin, inside ? (row + x) * p.channels + p.first + a - tap : -1, b - a);
        }
      }
    }
  }
}

/// Calls visit(image, oy, ox, count, done) for each part of rows [row, row + rows) that lies in one
/// line of outputs; `done` rows come before it.
template <class Visit>
void each_line(const Patches& p, std::int64_t row, std::int64_t rows, Visit&& visit) {
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t at = row + done, place = at % p.rows_per_image();
    const int ox = int(place % p.ow);
    const int count = int(std::min<std::int64_t>(p.ow - ox, rows - done));
    visit(at / p.rows_per_image(), int(place / p.ow), ox, count, done);
    done += count;
  }
}

/// Writes rows [row, row + rows), columns [begin, end) of the patches of x densely to out.
template <class T>
void gather_patches(const Patches& p, const T* x, std::int64_t row, std::int64_t rows,
                    std::int64_t begin, std::int64_t end, T* out) {
  const std::int64_t image_size = std::int64_t(p.h) * p.w * p.channels, width = end - begin;
  each_line(p, row, rows, [&](std::int64_t n, int oy, int ox, int count, std::int64_t done) {
    const T* image = x + n * image_size;
    T* line = out + done * width;
    walk_patches(p, oy, ox, count, begin, end,
                 [&](int patch, std::int64_t at, std::int64_t from, std::int64_t length) {
                   T* to = line + patch * width + at;
                   if (from < 0) {
                     std::fill(to, to + length, T(0));
                   } else if (length < 8) {  // not worth a call
                     for (std::int64_t i = 0; i < length; ++i) to[i] = image[from + i];
                   } else {
                     std::memcpy(to, image + from, std::size_t(length) * sizeof(T));
                   }
                 });
  });
}

/// Adds rows [row, row + rows) of patches, all columns, to the pixels of one image where they come
/// from; row 0 is the image's first.
template <class T>
void scatter_patches(const Patches& p, const T* patches, std::int64_t row, std::int64_t rows,
                     T* image) {
  const std::int64_t width = p.columns();
  each_line(p, row, rows, [&](std::int64_t, int oy, int ox, int count, std::int64_t done) {
    const T* line = patches + done * width;
    walk_patches(p, oy, ox, count, 0, width,
                 [&](int patch, std::int64_t at, std::int64_t to, std::int64_t length) {
                   if (to < 0) return;
                   const T* from = line + patch * width + at;
                   for (std::int64_t i = 0; i < length; ++i) image[to + i] += from[i];
                 });
  });
}

}  // namespace mien::cpu
