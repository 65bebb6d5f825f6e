#include "kernels/cpu/conv2d_depthwise.h"

#include <algorithm>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

/// Offsets of the pixel of x that tap (ky, kx) of output (oy, ox) sees, or -1.
std::int64_t seen(const Conv2dArgs& a, int oy, int ox, int ky, int kx) {
  const int y = oy * a.sh - a.pt + ky * a.dh, x = ox * a.sw - a.pl + kx * a.dw;
  return y < 0 || y >= a.h || x < 0 || x >= a.w ? -1 : (std::int64_t(y) * a.w + x) * a.c;
}

// Row (image, oy) of y is one piece.
template <class T>
void forward(const Conv2dArgs& a) {
  const T *x = static_cast<const T*>(a.x), *weight = static_cast<const T*>(a.weight);
  const int multiplier = a.oc / a.c;
  parallel_for(std::int64_t(a.n) * a.oh, [&](std::int64_t row) {
    const T* image = x + row / a.oh * a.h * a.w * a.c;
    T* y = static_cast<T*>(a.y) + row * a.ow * a.oc;
    begin_rows(y, a.ow, a.oc, a.oc, static_cast<const T*>(a.bias), 0);
    for (int ox = 0; ox < a.ow; ++ox, y += a.oc) {
      for (int tap = 0; tap < a.kh * a.kw; ++tap) {
        const std::int64_t at = seen(a, int(row % a.oh), ox, tap / a.kw, tap % a.kw);
        if (at < 0) continue;
        const T *pixel = image + at, *w = weight + std::int64_t(tap) * a.oc;
        if (multiplier == 1) {
          for (int c = 0; c < a.c; ++c) y[c] += pixel[c] * w[c];
        } else {
          for (int c = 0, o = 0; c < a.c; ++c)
            for (int j = 0; j < multiplier; ++j, ++o) y[o] += pixel[c] * w[o];
        }
      }
    }
  });
}

// Image by image, so that no two pieces write one pixel.
template <class T>
void grad_x(const Conv2dArgs& a) {
  const T *dy = static_cast<const T*>(a.y), *weight = static_cast<const T*>(a.weight);
  const int multiplier = a.oc / a.c;
  parallel_for(a.n, [&](std::int64_t n) {
    T* image = static_cast<T*>(a.x) + n * a.h * a.w * a.c;
    begin_rows<T>(image, std::int64_t(a.h) * a.w, a.c, a.c, nullptr, a.beta);
    const T* from = dy + n * a.oh * a.ow * a.oc;
    for (int pixel = 0; pixel < a.oh * a.ow; ++pixel, from += a.oc) {
      for (int tap = 0; tap < a.kh * a.kw; ++tap) {
        const std::int64_t at = seen(a, pixel / a.ow, pixel % a.ow, tap / a.kw, tap % a.kw);
        if (at < 0) continue;
        T* to = image + at;
        const T* w = weight + std::int64_t(tap) * a.oc;
        if (multiplier == 1) {
          for (int c = 0; c < a.c; ++c) to[c] += from[c] * w[c];
        } else {
          for (int c = 0, o = 0; c < a.c; ++c)
            for (int j = 0; j < multiplier; ++j, ++o) to[c] += from[o] * w[o];
        }
      }
    }
  });
}

// Tap by tap; the sum of each row of pixels is made on its own first, which keeps long sums exact.
template <class T>
void grad_w(const Conv2dArgs& a, T* scratch) {
  const T *x = static_cast<const T*>(a.x), *dy = static_cast<const T*>(a.y);
  const int multiplier = a.oc / a.c;
  parallel_for(std::int64_t(a.kh) * a.kw, [&](std::int64_t tap) {
    T *sum = static_cast<T*>(a.weight) + tap * a.oc, *row_sum = scratch + tap * a.oc;
    begin_rows<T>(sum, 1, a.oc, a.oc, nullptr, a.beta);
    for (std::int64_t row = 0; row < std::int64_t(a.n) * a.oh; ++row) {
      const T* image = x + row / a.oh * a.h * a.w * a.c;
      const T* from = dy + row * a.ow * a.oc;
      std::fill(row_sum, row_sum + a.oc, T(0));
      for (int ox = 0; ox < a.ow; ++ox, from += a.oc) {
        const std::int64_t at = seen(a, int(row % a.oh), ox, int(tap / a.kw), int(tap % a.kw));
        if (at < 0) continue;
        const T* pixel = image + at;
        if (multiplier == 1) {
          for (int c = 0; c < a.c; ++c) row_sum[c] += pixel[c] * from[c];
        } else {
          for (int c = 0, o = 0; c < a.c; ++c)
            for (int j = 0; j < multiplier; ++j, ++o) row_sum[o] += pixel[c] * from[o];
        }
      }
      for (int o = 0; o < a.oc; ++o) sum[o] += row_sum[o];
    }
  });
}

}  // namespace

std::int64_t depthwise_scratch(const Conv2dArgs& a) {
  return a.pass == ConvPass::grad_w ? std::int64_t(a.kh) * a.kw * a.oc : 0;
}

template <class T>
void depthwise(const Conv2dArgs& a, T* scratch) {
  switch (a.pass) {
    case ConvPass::forward:
      return forward<T>(a);
    case ConvPass::grad_x:
      return grad_x<T>(a);
    case ConvPass::grad_w:
      return grad_w<T>(a, scratch);
  }
}

template void depthwise<float>(const Conv2dArgs&, float*);
template void depthwise<double>(const Conv2dArgs&, double*);

}  // namespace mien::cpu
