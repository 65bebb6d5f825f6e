// conv2d of one channel to each group: little arithmetic, bound by memory.
#include "kernels/cuda/conv2d_depthwise.h"

#include <algorithm>

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/for_each.cuh"

namespace mien::cuda {
namespace {

// Places of y that one sum of a weight's gradient runs over.
constexpr std::int64_t kPlacesOfPart = 256;

std::int64_t places(const Conv2dArgs& a) { return std::int64_t(a.n) * a.oh * a.ow; }
std::int64_t parts(const Conv2dArgs& a) {
  return std::max<std::int64_t>((places(a) + kPlacesOfPart - 1) / kPlacesOfPart, 1);
}

/// One element of y: its channel's window.
template <class T>
struct Forward {
  Conv2dArgs a;
  __device__ void operator()(std::int64_t i) const {
    const int o = int(i % a.oc), multiplier = a.oc / a.c;
    const std::int64_t place = i / a.oc, line = place / a.ow;
    const int left = int(place % a.ow) * a.sw - a.pl, top = int(line % a.oh) * a.sh - a.pt;
    const T* x = static_cast<const T*>(a.x) + line / a.oh * a.h * a.w * a.c + o / multiplier;
    const auto* w = static_cast<const T*>(a.weight) + o;
    float sum = a.bias ? static_cast<const float*>(a.bias)[o] : 0.0f;
    for (int ky = 0; ky < a.kh; ++ky)
      for (int kx = 0; kx < a.kw; ++kx, w += a.oc) {
        const int y = top + ky * a.dh, at = left + kx * a.dw;
        if (unsigned(y) < unsigned(a.h) && unsigned(at) < unsigned(a.w))
          sum += as_float(x[(std::int64_t(y) * a.w + at) * a.c]) * as_float(*w);
      }
    static_cast<T*>(a.y)[i] = from_float<T>(sum);
  }
};

/// One element of dx: the places whose windows saw it.
template <class T>
struct GradX {
  Conv2dArgs a;
  float beta;
  __device__ void operator()(std::int64_t i) const {
    const int c = int(i % a.c), multiplier = a.oc / a.c;
    const std::int64_t pixel = i / a.c, line = pixel / a.w;
    const int down = int(line % a.h) + a.pt, across = int(pixel % a.w) + a.pl;
    const T* dy = static_cast<const T*>(a.y) + line / a.h * a.oh * a.ow * a.oc + c * multiplier;
    const auto* w = static_cast<const T*>(a.weight) + c * multiplier;
    float sum = 0;
    for (int ky = 0; ky < a.kh; ++ky)
      for (int kx = 0; kx < a.kw; ++kx, w += a.oc) {
        const int y = down - ky * a.dh, x = across - kx * a.dw;
        if (y < 0 || x < 0 || y % a.sh != 0 || x % a.sw != 0) continue;
        if (y / a.sh >= a.oh || x / a.sw >= a.ow) continue;
        const T* from = dy + (std::int64_t(y / a.sh) * a.ow + x / a.sw) * a.oc;
        for (int j = 0; j < multiplier; ++j) sum += as_float(from[j]) * as_float(w[j]);
      }
    T* dx = static_cast<T*>(a.x) + i;
    *dx = from_float<T>(beta == 0 ? sum : beta * as_float(*dx) + sum);
  }
};

/// A part of one element of dw, [part][tap][oc].
template <class T>
struct GradWPart {
  Conv2dArgs a;
  std::int64_t places;
  float* parts;
  __device__ void operator()(std::int64_t i) const {
    const int o = int(i % a.oc), taps = a.kh * a.kw, tap = int(i / a.oc % taps);
    const std::int64_t first = i / a.oc / taps * kPlacesOfPart;
    const std::int64_t end = first + kPlacesOfPart < places ? first + kPlacesOfPart : places;
    const int top = tap / a.kw * a.dh - a.pt, left = tap % a.kw * a.dw - a.pl;
    const T* x = static_cast<const T*>(a.x) + o / (a.oc / a.c);
    const T* dy = static_cast<const T*>(a.y) + o;
    int column = int(first % a.ow), line = int(first / a.ow % a.oh);
    std::int64_t image = first / a.ow / a.oh;
    float sum = 0;
    for (std::int64_t place = first; place < end; ++place) {
      const int y = line * a.sh + top, at = column * a.sw + left;
      if (unsigned(y) < unsigned(a.h) && unsigned(at) < unsigned(a.w))
        sum += as_float(x[((image * a.h + y) * a.w + at) * a.c]) * as_float(dy[place * a.oc]);
      if (++column < a.ow) continue;
      column = 0;
      if (++line < a.oh) continue;
      line = 0;
      ++image;
    }
    parts[i] = sum;
  }
};

struct AddParts {
  const float* parts;
  float* dw;
  std::int64_t size, count;
  float beta;
  __device__ void operator()(std::int64_t i) const {
    float sum = 0;
    for (std::int64_t part = 0; part < count; ++part) sum += parts[part * size + i];
    dw[i] = beta == 0 ? sum : beta * dw[i] + sum;
  }
};

}  // namespace

std::size_t depthwise_scratch(const Conv2dArgs& a) {
  return a.pass == ConvPass::grad_w ? std::size_t(parts(a)) * a.kh * a.kw * a.oc * sizeof(float)
                                    : 0;
}

template <class T>
void depthwise(const Conv2dArgs& a, void* scratch, StreamHandle stream) {
  const auto beta = float(a.beta);
  switch (a.pass) {
    case ConvPass::forward:
      return for_each("conv2d depthwise", stream, places(a) * a.oc, Forward<T>{a});
    case ConvPass::grad_x:
      return for_each("conv2d depthwise grad_x", stream, std::int64_t(a.n) * a.h * a.w * a.c,
                      GradX<T>{a, beta});
    case ConvPass::grad_w: {
      auto* sums = static_cast<float*>(scratch);
      const std::int64_t size = std::int64_t(a.kh) * a.kw * a.oc, count = parts(a);
      for_each("conv2d depthwise grad_w", stream, count * size, GradWPart<T>{a, places(a), sums});
      return for_each("conv2d depthwise grad_w", stream, size,
                      AddParts{sums, static_cast<float*>(a.weight), size, count, beta});
    }
  }
}

template void depthwise<float>(const Conv2dArgs&, void*, StreamHandle);
template void depthwise<bf16>(const Conv2dArgs&, void*, StreamHandle);

}  // namespace mien::cuda
