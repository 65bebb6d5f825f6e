// upsample2d: nearest and bilinear. The gradient gathers: each pixel asks which places read it.
#include "kernels/cuda/images.cuh"
#include "kernels/cuda/kernels.h"

namespace mien::cuda {
namespace {

// What an output place reads along one axis: `near` of `low` and `far` of `high`.
struct Source {
  int low, high;
  float near, far;

  // How much of a pixel.
  __device__ float of(int pixel) const {
    return (pixel == low ? near : 0.0f) + (pixel == high ? far : 0.0f);
  }
};

// One axis, of `size` pixels and factor * size places.
struct Scaling {
  int size, factor;
  bool bilinear;
  FastDivide parts;  // that a pixel has, twice as many as places
  float part;

  Scaling(int pixels, int times, bool smooth)
      : size(pixels),
        factor(times),
        bilinear(smooth),
        parts(unsigned(2 * times)),
        part(1.0f / float(2 * times)) {}

  __device__ Source source(int place) const {
    // The centre of a place lies at pixel (2 place + 1 - factor) / (2 factor): here in parts, from
    // pixel -1 on.
    const unsigned at = unsigned(2 * place + 1 + factor), above = parts(at);
    const int pixel = int(above), rest = int(at - above * parts.divisor);
    if (bilinear)
      return {pixel > 1 ? pixel - 1 : 0, pixel < size ? pixel : size - 1,
              float(2 * factor - rest) * part, float(rest) * part};
    const int nearest = rest < factor ? pixel - 1 : pixel;
    return {nearest, nearest, 1, 0};
  }
  // The places that may read a pixel: from begin on, before end.
  __device__ int begin(int pixel) const {
    if (!bilinear) return pixel * factor;
    const int first = pixel * factor - (factor + 1) / 2;
    return first > 0 ? first : 0;
  }
  __device__ int end(int pixel) const {
    if (!bilinear) return (pixel + 1) * factor;
    const int last = pixel * factor + (3 * factor) / 2, places = size * factor;
    return last < places ? last : places;
  }
};

template <class T>
struct Upsample {
  Scaling y, x;
  int c;
  const T* from;
  T* to;

  template <int V>
  __device__ void apply(const Place& out) const {
    const Source rows = y.source(out.y), columns = x.source(out.x);
    Floats<V> sum{};
    for (int i = 0; i < 4; ++i) {
      const float weight = (i & 2 ? rows.far : rows.near) * (i & 1 ? columns.far : columns.near);
      if (weight == 0) continue;
      const Place pixel{out.image, i & 2 ? rows.high : rows.low, i & 1 ? columns.high : columns.low,
                        out.channel};
      const Floats<V> value = load_floats<V>(from + pixel.offset(y.size, x.size, c));
      for (int j = 0; j < V; ++j) sum.at[j] += weight * value.at[j];
    }
    store_floats<V>(to + out.offset(y.size * y.factor, x.size * x.factor, c), sum);
  }
};

template <class T>
struct UpsampleGrad {
  Scaling y, x;
  int c;
  const T* dy;
  T* dx;
  float beta;

  template <int V>
  __device__ void apply(const Place& pixel) const {
    T* to = dx + pixel.offset(y.size, x.size, c);
    Floats<V> sum{};
    if (beta != 0) {
      sum = load_floats<V>(to);
      for (int j = 0; j < V; ++j) sum.at[j] *= beta;
    }
    for (int row = y.begin(pixel.y); row < y.end(pixel.y); ++row) {
      const float of_row = y.source(row).of(pixel.y);
      for (int column = x.begin(pixel.x); column < x.end(pixel.x); ++column) {
        const float weight = of_row * x.source(column).of(pixel.x);
        if (weight == 0) continue;
        const Place out{pixel.image, row, column, pixel.channel};
        const Floats<V> g =
            load_floats<V>(dy + out.offset(y.size * y.factor, x.size * x.factor, c));
        for (int j = 0; j < V; ++j) sum.at[j] += weight * g.at[j];
      }
    }
    store_floats<V>(to, sum);
  }
};

template <class Body>
void run(const char* name, StreamHandle stream, int n, int h, int w, int c, bool aligned,
         const Body& body) {
  if (aligned && c % 4 == 0) {
    for_each_place<4>(name, stream, n, h, w, c, body);
  } else {
    for_each_place<1>(name, stream, n, h, w, c, body);
  }
}

}  // namespace

template <class T>
void upsample2d(const Upsample2dArgs& a, StreamHandle stream) {
  const Upsample<T> body{Scaling(a.h, a.sy, a.bilinear), Scaling(a.w, a.sx, a.bilinear), a.c,
                         static_cast<const T*>(a.x), static_cast<T*>(a.y)};
  run("upsample2d", stream, a.n, a.h * a.sy, a.w * a.sx, a.c, aligned16(a.x, a.y), body);
}

template <class T>
void upsample2d_grad(const Upsample2dGradArgs& a, StreamHandle stream) {
  const UpsampleGrad<T> body{{a.h, a.sy, a.bilinear},     {a.w, a.sx, a.bilinear}, a.c,
                             static_cast<const T*>(a.dy), static_cast<T*>(a.dx),   float(a.beta)};
  run("upsample2d_grad", stream, a.n, a.h, a.w, a.c, aligned16(a.dy, a.dx), body);
}

template void upsample2d<float>(const Upsample2dArgs&, StreamHandle);
template void upsample2d<bf16>(const Upsample2dArgs&, StreamHandle);
template void upsample2d_grad<float>(const Upsample2dGradArgs&, StreamHandle);
template void upsample2d_grad<bf16>(const Upsample2dGradArgs&, StreamHandle);

}  // namespace mien::cuda
