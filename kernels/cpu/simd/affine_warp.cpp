// An image along an affine map, kLanes pixels of a row at a time. Where each comes from is counted
// in float from a whole pixel near by, so that the error, some 1e-6 pixels, does not grow with the
// image.
#include "kernels/cpu/simd/gather.h"
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/simd.h"

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr float kRounding = float(kEdgeAllowance);

/// Pixels left or above, and how far the places are from them, 0..1.
struct Places {
  IntVec whole;
  Vec part;
};

MIEN_INLINE Vec lane_numbers() {
  Vec v;
  for (int i = 0; i < kLanes; ++i) v[i] = float(i);
  return v;
}

/// first + step * lane.
MIEN_INLINE Places places(double first, float step) {
  const double place = least(most(first, -1e9), 1e9);
  int near = int(place);
  near -= place < near;
  const Vec at = splat(float(place - near)) + splat(step) * lane_numbers();
  IntVec whole = __builtin_convertvector(at, IntVec);
  whole += __builtin_convertvector(whole, Vec) > at;  // true is -1
  return {whole + near, at - __builtin_convertvector(whole, Vec)};
}

/// Places beyond an edge become the edge, as the far end of the last two pixels if need be.
MIEN_INLINE Places within(const Places& p, int size) {
  const IntVec first{}, last = first + (size - 2);
  const Vec one = splat(1);
  Places q = p;
  q.part = p.whole > last ? one : q.part;
  q.whole = p.whole > last ? last : q.whole;
  q.part = p.whole < first ? Vec{} : q.part;
  q.whole = p.whole < first ? first : q.whole;
  return q;
}

/// Exactly a where share is 0 and b where it is 1.
template <class T>
MIEN_INLINE T mix(T a, T b, T share) {
  return share < T{} + 1 ? a + share * (b - a) : b;
}

/// Of an image of one channel; the places are within it.
MIEN_INLINE Vec gray(const std::uint8_t* image, int width, const Places& x, const Places& y) {
  const IntVec at = y.whole * width + x.whole;
  // Four bytes each: from the pair above on, and up to the pair below, so that none lies outside.
  const IntVec above = gather(image, at), below = gather(image, at + (width - 2));
  const auto byte = [](IntVec word) { return __builtin_convertvector(word & 255, Vec); };
  return mix(mix(byte(above), byte(above >> 8), x.part),
             mix(byte(below >> 16), byte(below >> 24), x.part), y.part);
}

using Four = float __attribute__((vector_size(16)));
using IntFour = std::int32_t __attribute__((vector_size(16)));

/// Three channels, the lowest byte first, and what the fourth makes.
MIEN_INLINE Four channels(std::uint32_t word) {
  using Words = std::uint32_t __attribute__((vector_size(16)));
  const Words bytes = (word - Words{}) >> Words{0, 8, 16, 24} & 255;
  return __builtin_convertvector((IntFour)bytes, Four);
}

MIEN_INLINE std::uint32_t word(const std::uint8_t* from) {
  std::uint32_t bytes;
  __builtin_memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

/// Of an image of three channels; the places are within it.
MIEN_INLINE void colors(const std::uint8_t* image, int width, const Places& x, const Places& y,
                        int count, float* out) {
  const IntVec pixels = y.whole * width + x.whole;
  for (int i = 0; i < count; ++i) {
    const std::uint8_t* above = image + std::ptrdiff_t(pixels[i]) * 3;
    const std::uint8_t* below = above + std::ptrdiff_t(width) * 3;
    const Four u = x.part[i] - Four{}, v = y.part[i] - Four{};
    // The last one is read from a byte before, since nothing need follow it.
    const Four top = mix(channels(word(above)), channels(word(above + 3)), u);
    const Four bottom = mix(channels(word(below)), channels(word(below + 2) >> 8), u);
    const Four value = mix(top, bottom, v);
    __builtin_memcpy(out + 3 * i, &value, 3 * sizeof(float));
  }
}

/// The pixel that stands at position i of a line of n.
MIEN_INLINE int fold(FillMode mode, int i, int n) {
  if (i >= 0 && i < n) return i;
  if (mode == FillMode::reflect) {
    const int period = 2 * n, r = (i % period + period) % period;
    return r < n ? r : period - 1 - r;
  }
  if (mode == FillMode::wrap) return (i % n + n) % n;
  return least(most(i, 0), n - 1);
}

MIEN_INLINE bool outside(int whole, float part, int n) {
  return whole < -1 || (whole == -1 && part < 1 - kRounding) || whole > n - 1 ||
         (whole == n - 1 && part > kRounding);
}

/// Whether a line of places lies between the first and the last pixel.
MIEN_INLINE bool inside(double first, double way, int n) {
  return first >= 0 && first <= n - 1 && first + way >= 0 && first + way <= n - 1;
}

/// One pixel of any image, anywhere.
template <class T>
MIEN_INLINE void pixel(const AffineWarpArgs& a, int x, float u, int y, float v, float* out) {
  if (a.fill == FillMode::constant && (outside(x, u, a.w) || outside(y, v, a.h))) {
    for (int c = 0; c < a.c; ++c) out[c] = a.cval;
    return;
  }
  const std::ptrdiff_t left = fold(a.fill, x, a.w) * std::ptrdiff_t(a.c);
  const std::ptrdiff_t right = fold(a.fill, x + 1, a.w) * std::ptrdiff_t(a.c);
  const std::ptrdiff_t row = std::ptrdiff_t(a.w) * a.c;
  const T* above = static_cast<const T*>(a.x) + fold(a.fill, y, a.h) * row;
  const T* below = static_cast<const T*>(a.x) + fold(a.fill, y + 1, a.h) * row;
  for (int c = 0; c < a.c; ++c) {
    const float top = mix(float(above[left + c]), float(above[right + c]), u);
    const float bottom = mix(float(below[left + c]), float(below[right + c]), u);
    out[c] = mix(top, bottom, v);
  }
}

template <class T>
MIEN_INLINE void pixels(const AffineWarpArgs& a, const Places& x, const Places& y, int count,
                        float* out) {
  for (int i = 0; i < count; ++i) {
    pixel<T>(a, x.whole[i], x.part[i], y.whole[i], y.part[i], out + std::ptrdiff_t(i) * a.c);
  }
}

}  // namespace

void affine_warp(const AffineWarpArgs& a, StreamHandle) {
  const auto* image = static_cast<const std::uint8_t*>(a.x);
  const bool bytes = a.from == DType::u8;
  const bool fast = bytes && (a.c == 1 || a.c == 3) && a.w >= 2 && a.h >= 2;
  float* out = a.y;
  for (int oy = 0; oy < a.oh; ++oy) {
    for (int ox = 0; ox < a.ow; ox += kLanes) {
      const int count = least(kLanes, a.ow - ox);
      const double from_x = a.xx * ox + a.xy * oy + a.x0, from_y = a.yx * ox + a.yy * oy + a.y0;
      Places x = places(from_x, float(a.xx)), y = places(from_y, float(a.yx));
      if (fast && (a.fill == FillMode::nearest || (inside(from_x, a.xx * (count - 1), a.w) &&
                                                   inside(from_y, a.yx * (count - 1), a.h)))) {
        x = within(x, a.w);
        y = within(y, a.h);
        if (a.c == 3) {
          colors(image, a.w, x, y, count, out);
        } else if (count == kLanes) {
          store(out, gray(image, a.w, x, y));
        } else {
          store_some(out, gray(image, a.w, x, y), count);
        }
      } else if (bytes) {
        pixels<std::uint8_t>(a, x, y, count, out);
      } else {
        pixels<float>(a, x, y, count, out);
      }
      out += std::ptrdiff_t(count) * a.c;
    }
  }
}

}  // namespace mien::cpu::MIEN_ISA
