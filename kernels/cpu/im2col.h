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

/// Calls run(patch_offset, image_offset, length) for each run of elements in columns [begin, end)
/// of one row that lie side by side in the image, and run(patch_offset, -1, length) for padding.
template <class Run>
void walk_patch(const Patches& p, int oy, int ox, std::int64_t begin, std::int64_t end, Run&& run) {
  const int x0 = ox * p.sw - p.pl;
  const bool dense = p.dw == 1 && p.c == p.channels;  // a row of taps is one run
  const std::int64_t line = std::int64_t(p.kw) * p.c;
  for (std::int64_t at = begin; at < end;) {
    const int ky = int(at / line);
    const int y = oy * p.sh - p.pt + ky * p.dh;
    const std::int64_t line_begin = ky * line, line_end = std::min(end, line_begin + line);
    if (y < 0 || y >= p.h) {
      run(at - begin, std::int64_t(-1), line_end - at);
      at = line_end;
      continue;
    }
    const std::int64_t row = std::int64_t(y) * p.w;
    if (dense) {
      const std::int64_t low = line_begin + std::int64_t(std::max(0, -x0)) * p.c;
      const std::int64_t high = line_begin + std::int64_t(std::clamp(p.w - x0, 0, p.kw)) * p.c;
      const std::int64_t copy_begin = std::clamp(low, at, line_end);
      const std::int64_t copy_end = std::clamp(high, copy_begin, line_end);
      if (copy_begin > at) run(at - begin, std::int64_t(-1), copy_begin - at);
      if (copy_end > copy_begin)
        run(copy_begin - begin, (row + x0) * p.c + copy_begin - line_begin, copy_end - copy_begin);
      if (line_end > copy_end) run(copy_end - begin, std::int64_t(-1), line_end - copy_end);
      at = line_end;
      continue;
    }
    for (; at < line_end;) {  // tap by tap
      const int kx = int((at - line_begin) / p.c), x = x0 + kx * p.dw;
      const std::int64_t tap = line_begin + std::int64_t(kx) * p.c;
      const std::int64_t tap_end = std::min(line_end, tap + p.c);
      const bool inside = x >= 0 && x < p.w;
      run(at - begin, inside ? (row + x) * p.channels + p.first + at - tap : std::int64_t(-1),
          tap_end - at);
      at = tap_end;
    }
  }
}

/// Writes rows [row, row + rows), columns [begin, end) of the patches of x densely to out.
template <class T>
void gather_patches(const Patches& p, const T* x, std::int64_t row, std::int64_t rows,
                    std::int64_t begin, std::int64_t end, T* out) {
  const std::int64_t image_size = std::int64_t(p.h) * p.w * p.channels;
  for (std::int64_t r = row; r < row + rows; ++r, out += end - begin) {
    const T* image = x + r / p.rows_per_image() * image_size;
    const int pixel = int(r % p.rows_per_image());
    walk_patch(p, pixel / p.ow, pixel % p.ow, begin, end,
               [&](std::int64_t to, std::int64_t from, std::int64_t length) {
                 if (from < 0) {
                   std::fill(out + to, out + to + length, T(0));
                 } else if (length < 8) {
                   for (std::int64_t i = 0; i < length; ++i) out[to + i] = image[from + i];
                 } else {
                   std::memcpy(out + to, image + from, std::size_t(length) * sizeof(T));
                 }
               });
  }
}

/// Adds rows [row, row + rows) of patches, all columns, to the pixels of one image where they come
/// from; row 0 is the image's first.
template <class T>
void scatter_patches(const Patches& p, const T* patches, std::int64_t row, std::int64_t rows,
                     T* image) {
  const std::int64_t columns = p.columns();
  for (std::int64_t r = row; r < row + rows; ++r, patches += columns) {
    walk_patch(p, int(r / p.ow), int(r % p.ow), 0, columns,
               [&](std::int64_t from, std::int64_t to, std::int64_t length) {
                 if (to < 0) return;
                 for (std::int64_t i = 0; i < length; ++i) image[to + i] += patches[from + i];
               });
  }
}

}  // namespace mien::cpu
