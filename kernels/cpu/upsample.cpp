// upsample2d: nearest and bilinear.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

/// What an output place reads along one axis: (1 - weight) of `low` and weight of `high`.
struct Source {
  int low, high;
  double weight;
};

Source source_of(int place, int factor, int size, bool bilinear) {
  if (!bilinear) return {place / factor, place / factor, 0};
  const double at = (place + 0.5) / factor - 0.5, below = std::floor(at);
  return {std::max(int(below), 0), std::min(int(below) + 1, size - 1), at - below};
}

// Calls visit(pixel, weight) for the up to four pixels that an output place reads.
template <class Args, class Visit>
void each_source(const Args& a, const Source& y, int ox, Visit&& visit) {
  const Source x = source_of(ox, a.sx, a.w, a.bilinear);
  for (int i = 0; i < 4; ++i) {
    const double weight = (i & 2 ? y.weight : 1 - y.weight) * (i & 1 ? x.weight : 1 - x.weight);
    if (weight == 0) continue;
    const int row = i & 2 ? y.high : y.low, column = i & 1 ? x.high : x.low;
    visit((std::int64_t(row) * a.w + column) * a.c, weight);
  }
}

}  // namespace

template <class T>
void upsample2d(const Upsample2dArgs& a, StreamHandle) {
  const int oh = a.h * a.sy, ow = a.w * a.sx;
  parallel_for(std::int64_t(a.n) * oh, [&](std::int64_t row) {
    const T* image = static_cast<const T*>(a.x) + row / oh * a.h * a.w * a.c;
    const Source from = source_of(int(row % oh), a.sy, a.h, a.bilinear);
    T* y = static_cast<T*>(a.y) + row * ow * a.c;
    for (int ox = 0; ox < ow; ++ox, y += a.c) {
      std::fill(y, y + a.c, T(0));
      each_source(a, from, ox, [&](std::int64_t pixel, double weight) {
        for (int c = 0; c < a.c; ++c) y[c] += T(weight) * image[pixel + c];
      });
    }
  });
}

// A pixel serves several places, so a piece is an image.
template <class T>
void upsample2d_grad(const Upsample2dGradArgs& a, StreamHandle) {
  const int oh = a.h * a.sy, ow = a.w * a.sx;
  const std::int64_t size = std::int64_t(a.h) * a.w * a.c;
  parallel_for(a.n, [&](std::int64_t n) {
    T* image = static_cast<T*>(a.dx) + n * size;
    const T* dy = static_cast<const T*>(a.dy) + n * oh * ow * a.c;
    begin_rows<T>(image, 1, size, 0, nullptr, a.beta);
    for (int oy = 0; oy < oh; ++oy) {
      const Source from = source_of(oy, a.sy, a.h, a.bilinear);
      for (int ox = 0; ox < ow; ++ox, dy += a.c) {
        each_source(a, from, ox, [&](std::int64_t pixel, double weight) {
          for (int c = 0; c < a.c; ++c) image[pixel + c] += T(weight) * dy[c];
        });
      }
    }
  });
}

MIEN_INSTANTIATE(upsample2d, Upsample2dArgs);
MIEN_INSTANTIATE(upsample2d_grad, Upsample2dGradArgs);

}  // namespace mien::cpu
