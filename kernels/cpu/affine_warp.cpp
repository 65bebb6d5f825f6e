// An image along an affine map: where each pixel comes from in double, its value in float.
#include <algorithm>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

/// The pixel that stands at position i of a line of n.
int fold(FillMode mode, int i, int n) {
  switch (mode) {
    case FillMode::reflect: {
      const int period = 2 * n, r = (i % period + period) % period;
      return r < n ? r : period - 1 - r;
    }
    case FillMode::wrap:
      return (i % n + n) % n;
    case FillMode::nearest:
    case FillMode::constant:
      break;
  }
  return std::clamp(i, 0, n - 1);
}

bool outside(double position, int n) {
  return position < -kEdgeAllowance || position > n - 1 + kEdgeAllowance;
}

/// std::floor without the call it is on a baseline x86; positions far outside stay within int.
int floor_of(double position) {
  const int whole = int(std::clamp(position, -1e9, 1e9));
  return whole - (position < whole);
}

template <class T>
void warp(const AffineWarpArgs& a) {
  const T* in = static_cast<const T*>(a.x);
  float* out = a.y;
  const std::ptrdiff_t pixel = a.c, row = std::ptrdiff_t(a.w) * a.c;
  for (int oy = 0; oy < a.oh; ++oy) {
    const double row_x = a.xy * oy + a.x0, row_y = a.yy * oy + a.y0;
    for (int ox = 0; ox < a.ow; ++ox, out += a.c) {
      const double x = a.xx * ox + row_x, y = a.yx * ox + row_y;
      int x0 = floor_of(x), y0 = floor_of(y);
      const float u = float(x - x0), v = float(y - y0);
      std::ptrdiff_t right = pixel, below = row;
      if (x0 < 0 || y0 < 0 || x0 + 1 >= a.w || y0 + 1 >= a.h) {
        if (a.fill == FillMode::constant && (outside(x, a.w) || outside(y, a.h))) {
          std::fill_n(out, a.c, a.cval);
          continue;
        }
        const int x1 = fold(a.fill, x0 + 1, a.w), y1 = fold(a.fill, y0 + 1, a.h);
        x0 = fold(a.fill, x0, a.w);
        y0 = fold(a.fill, y0, a.h);
        right = pixel * (x1 - x0);
        below = row * (y1 - y0);
      }
      const T* p = in + row * y0 + pixel * x0;
      for (int c = 0; c < a.c; ++c, ++p) {
        const float top = float(p[0]) + u * (float(p[right]) - float(p[0]));
        const float bottom = float(p[below]) + u * (float(p[below + right]) - float(p[below]));
        out[c] = top + v * (bottom - top);
      }
    }
  }
}

}  // namespace

void affine_warp(const AffineWarpArgs& a, StreamHandle) {
  if (a.from == DType::u8) {
    warp<std::uint8_t>(a);
  } else {
    warp<float>(a);
  }
}

}  // namespace mien::cpu
