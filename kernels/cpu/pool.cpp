// max_pool2d and avg_pool2d.
#include <algorithm>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

/// The part of an output's window that lies inside the image.
struct Window {
  int y0, y1, x0, x1;  // pixels of the image
  int top, left;       // where the whole window begins
  int count() const { return (y1 - y0) * (x1 - x0); }
};

Window window_at(const Pool2dGeometry& g, int oy, int ox) {
  const int top = oy * g.sh - g.pt, left = ox * g.sw - g.pl;
  return {std::max(top, 0),
          std::min(top + g.kh, g.h),
          std::max(left, 0),
          std::min(left + g.kw, g.w),
          top,
          left};
}

std::int64_t image_size(const Pool2dGeometry& g) { return std::int64_t(g.h) * g.w * g.c; }

// A NaN wins: it must not vanish on its way.
template <class T>
bool beats(T value, T best) {
  return value > best || (value != value && best == best);
}

}  // namespace

template <class T>
void max_pool2d(const MaxPool2dArgs& a, StreamHandle) {
  const Pool2dGeometry& g = a.g;
  parallel_for(std::int64_t(g.n) * g.oh, [&](std::int64_t row) {
    const T* image = static_cast<const T*>(a.x) + row / g.oh * image_size(g);
    T* y = static_cast<T*>(a.y) + row * g.ow * g.c;
    std::uint8_t* argmax = a.argmax ? a.argmax + row * g.ow * g.c : nullptr;
    for (int ox = 0; ox < g.ow; ++ox, y += g.c) {
      const Window w = window_at(g, int(row % g.oh), ox);
      bool first = true;
      for (int iy = w.y0; iy < w.y1; ++iy) {
        for (int ix = w.x0; ix < w.x1; ++ix, first = false) {
          const T* pixel = image + (std::int64_t(iy) * g.w + ix) * g.c;
          const auto place = std::uint8_t((iy - w.top) * g.kw + ix - w.left);
          if (first) {
            std::copy(pixel, pixel + g.c, y);
            if (argmax) std::fill(argmax, argmax + g.c, place);
          } else if (argmax) {
            for (int c = 0; c < g.c; ++c) {
              const bool better = beats(pixel[c], y[c]);
              y[c] = better ? pixel[c] : y[c];
              argmax[c] = better ? place : argmax[c];
            }
          } else {
            for (int c = 0; c < g.c; ++c) y[c] = beats(pixel[c], y[c]) ? pixel[c] : y[c];
          }
        }
      }
      if (argmax) argmax += g.c;
    }
  });
}

// Windows may overlap, so a piece is an image.
template <class T>
void max_pool2d_grad(const MaxPool2dGradArgs& a, StreamHandle) {
  const Pool2dGeometry& g = a.g;
  parallel_for(g.n, [&](std::int64_t n) {
    T* image = static_cast<T*>(a.dx) + n * image_size(g);
    const std::int64_t outputs = std::int64_t(g.oh) * g.ow * g.c;
    const T* dy = static_cast<const T*>(a.dy) + n * outputs;
    const std::uint8_t* argmax = a.argmax + n * outputs;
    begin_rows<T>(image, 1, image_size(g), 0, nullptr, a.beta);
    for (int oy = 0; oy < g.oh; ++oy) {
      for (int ox = 0; ox < g.ow; ++ox, dy += g.c, argmax += g.c) {
        const Window w = window_at(g, oy, ox);
        for (int c = 0; c < g.c; ++c) {
          const int iy = w.top + argmax[c] / g.kw, ix = w.left + argmax[c] % g.kw;
          image[(std::int64_t(iy) * g.w + ix) * g.c + c] += dy[c];
        }
      }
    }
  });
}

template <class T>
void avg_pool2d(const AvgPool2dArgs& a, StreamHandle) {
  const Pool2dGeometry& g = a.g;
  parallel_for(std::int64_t(g.n) * g.oh, [&](std::int64_t row) {
    const T* image = static_cast<const T*>(a.x) + row / g.oh * image_size(g);
    T* y = static_cast<T*>(a.y) + row * g.ow * g.c;
    for (int ox = 0; ox < g.ow; ++ox, y += g.c) {
      const Window w = window_at(g, int(row % g.oh), ox);
      const T scale = T(1) / T(w.count());
      std::fill(y, y + g.c, T(0));
      for (int iy = w.y0; iy < w.y1; ++iy) {
        for (int ix = w.x0; ix < w.x1; ++ix) {
          const T* pixel = image + (std::int64_t(iy) * g.w + ix) * g.c;
          for (int c = 0; c < g.c; ++c) y[c] += pixel[c];
        }
      }
      for (int c = 0; c < g.c; ++c) y[c] *= scale;
    }
  });
}

template <class T>
void avg_pool2d_grad(const AvgPool2dGradArgs& a, StreamHandle) {
  const Pool2dGeometry& g = a.g;
  parallel_for(g.n, [&](std::int64_t n) {
    T* image = static_cast<T*>(a.dx) + n * image_size(g);
    const T* dy = static_cast<const T*>(a.dy) + n * g.oh * g.ow * g.c;
    begin_rows<T>(image, 1, image_size(g), 0, nullptr, a.beta);
    for (int oy = 0; oy < g.oh; ++oy) {
      for (int ox = 0; ox < g.ow; ++ox, dy += g.c) {
        const Window w = window_at(g, oy, ox);
        const T scale = T(1) / T(w.count());
        for (int iy = w.y0; iy < w.y1; ++iy) {
          for (int ix = w.x0; ix < w.x1; ++ix) {
            T* pixel = image + (std::int64_t(iy) * g.w + ix) * g.c;
            for (int c = 0; c < g.c; ++c) pixel[c] += scale * dy[c];
          }
        }
      }
    }
  });
}

MIEN_INSTANTIATE(max_pool2d, MaxPool2dArgs);
MIEN_INSTANTIATE(max_pool2d_grad, MaxPool2dGradArgs);
MIEN_INSTANTIATE(avg_pool2d, AvgPool2dArgs);
MIEN_INSTANTIATE(avg_pool2d_grad, AvgPool2dGradArgs);

}  // namespace mien::cpu
