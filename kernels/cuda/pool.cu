// max_pool2d and avg_pool2d. Their gradients gather: each place of dx asks which windows hold it.
#include "kernels/cuda/images.cuh"
#include "kernels/cuda/kernels.h"

namespace mien::cuda {
namespace {

struct Range {
  int begin, end;
};

// One axis of a Pool2dGeometry. halves: windows of 2 places with stride 2, all inside of the image,
// as they are nearly always; loops over them have a length that the compiler knows.
template <bool halves>
struct Axis {
  int places, outputs, size, padding;
  FastDivide stride;

  Axis(int in, int out, int window, int step, int before)
      : places(in), outputs(out), size(window), padding(before), stride(unsigned(step)) {}
  __device__ int first(int output) const {
    return halves ? 2 * output : output * int(stride.divisor) - padding;
  }
  /// The places of an output's window that lie inside the image.
  __device__ Range window(int output) const {
    const int begin = first(output);
    if (halves) return {begin, begin + 2};
    return {begin > 0 ? begin : 0, begin + size < places ? begin + size : places};
  }
  /// The outputs whose windows hold a place.
  __device__ Range holders(int place) const {
    // The first that ends behind the place, and the last that begins before it.
    const int before = place + padding - size, last = int(stride(unsigned(place + padding)));
    return {before >= 0 ? int(stride(unsigned(before))) + 1 : 0,
            last < outputs ? last + 1 : outputs};
  }
};

template <bool halves>
struct Pool {
  Axis<halves> y, x;
  int c;

  explicit Pool(const Pool2dGeometry& g)
      : y(g.h, g.oh, g.kh, g.sh, g.pt), x(g.w, g.ow, g.kw, g.sw, g.pl), c(g.c) {}
  __device__ int width() const { return halves ? 2 : x.size; }
  /// Of each place in the mean of an output.
  __device__ float share(int row, int column) const {
    const Range rows = y.window(row), columns = x.window(column);
    return __fdividef(1.0f, float((rows.end - rows.begin) * (columns.end - columns.begin)));
  }
};

// A NaN wins: it must not vanish on its way.
__device__ __forceinline__ bool beats(float value, float best) {
  return value > best || (value != value && best == best);
}

template <bool halves, class T>
struct MaxPool {
  Pool<halves> p;
  const T* from;
  T* to;
  std::uint8_t* argmax;

  template <int V>
  __device__ void apply(const Place& out) const {
    const Range rows = p.y.window(out.y), columns = p.x.window(out.x);
    Floats<V> best{};
    Places<V> winner{};
    bool first = true;
    for (int y = rows.begin; y < rows.end; ++y) {
      const Place at{out.image, y, columns.begin, out.channel};
      const T* line = from + at.offset(p.y.places, p.x.places, p.c);
      unsigned number =
          unsigned((y - p.y.first(out.y)) * p.width() + columns.begin - p.x.first(out.x));
      for (int x = columns.begin; x < columns.end; ++x, line += p.c, ++number, first = false) {
        const Floats<V> value = load_floats<V>(line);
        for (int j = 0; j < V; ++j) {
          const bool better = first || beats(value.at[j], best.at[j]);
          best.at[j] = better ? value.at[j] : best.at[j];
          winner.at[j] = better ? number : winner.at[j];
        }
      }
    }
    const std::int64_t at = out.offset(p.y.outputs, p.x.outputs, p.c);
    store_floats<V>(to + at, best);
    if (argmax) store_places<V>(argmax + at, winner);
  }
};

template <bool halves, class T>
struct AvgPool {
  Pool<halves> p;
  const T* from;
  T* to;

  template <int V>
  __device__ void apply(const Place& out) const {
    const Range rows = p.y.window(out.y), columns = p.x.window(out.x);
    Floats<V> sum{};
    for (int y = rows.begin; y < rows.end; ++y) {
      const Place at{out.image, y, columns.begin, out.channel};
      const T* line = from + at.offset(p.y.places, p.x.places, p.c);
      for (int x = columns.begin; x < columns.end; ++x, line += p.c) {
        const Floats<V> value = load_floats<V>(line);
        for (int j = 0; j < V; ++j) sum.at[j] += value.at[j];
      }
    }
    const float scale = p.share(out.y, out.x);
    for (float& each : sum.at) each *= scale;
    store_floats<V>(to + out.offset(p.y.outputs, p.x.outputs, p.c), sum);
  }
};

// beta times what a gradient adds to.
template <int V, class T>
__device__ __forceinline__ Floats<V> begin_sum(const T* dx, float beta) {
  Floats<V> sum{};
  if (beta == 0) return sum;
  sum = load_floats<V>(dx);
  for (int j = 0; j < V; ++j) sum.at[j] *= beta;
  return sum;
}

// A place of dx gets what the windows that hold it give, in their order.
template <bool max, class T>
struct PoolGrad {
  Pool<false> p;
  const T* dy;
  const std::uint8_t* argmax;
  T* dx;
  float beta;

  template <int V>
  __device__ void apply(const Place& place) const {
    T* to = dx + place.offset(p.y.places, p.x.places, p.c);
    Floats<V> sum = begin_sum<V>(to, beta);
    const Range rows = p.y.holders(place.y), columns = p.x.holders(place.x);
    for (int y = rows.begin; y < rows.end; ++y) {
      const Place first{place.image, y, columns.begin, place.channel};
      std::int64_t at = first.offset(p.y.outputs, p.x.outputs, p.c);
      for (int x = columns.begin; x < columns.end; ++x, at += p.c) {
        const Floats<V> g = load_floats<V>(dy + at);
        if constexpr (max) {
          const Places<V> winner = load_places<V>(argmax + at);
          const int mine = (place.y - p.y.first(y)) * p.x.size + place.x - p.x.first(x);
          for (int j = 0; j < V; ++j)
            if (winner.at[j] == unsigned(mine)) sum.at[j] += g.at[j];
        } else {
          const float scale = p.share(y, x);
          for (int j = 0; j < V; ++j) sum.at[j] += scale * g.at[j];
        }
      }
    }
    store_floats<V>(to, sum);
  }
};

// The same where no windows overlap: for a window, and for the rests beside the last ones, whose
// windows are not there.
template <bool max, class T>
struct PoolGradInHalves {
  Pool<true> p;
  const T* dy;
  const std::uint8_t* argmax;
  T* dx;
  float beta;

  template <int V>
  __device__ void apply(const Place& window) const {
    const bool there = window.y < p.y.outputs && window.x < p.x.outputs;
    Floats<V> g{};
    Places<V> winner{};
    if (there) {
      const std::int64_t at = window.offset(p.y.outputs, p.x.outputs, p.c);
      g = load_floats<V>(dy + at);
      if constexpr (max) winner = load_places<V>(argmax + at);
    }
    for (int i = 0; i < 4; ++i) {
      const Place place{window.image, 2 * window.y + i / 2, 2 * window.x + i % 2, window.channel};
      if (place.y >= p.y.places || place.x >= p.x.places) continue;
      T* to = dx + place.offset(p.y.places, p.x.places, p.c);
      Floats<V> sum = begin_sum<V>(to, beta);
      for (int j = 0; j < V; ++j) {
        if constexpr (max) {
          if (winner.at[j] == unsigned(i)) sum.at[j] += g.at[j];
        } else {
          sum.at[j] += 0.25f * g.at[j];
        }
      }
      store_floats<V>(to, sum);
    }
  }
};

bool in_halves(const Pool2dGeometry& g) {
  return g.kh == 2 && g.kw == 2 && g.sh == 2 && g.sw == 2 && g.pt == 0 && g.pl == 0 &&
         g.oh == g.h / 2 && g.ow == g.w / 2;
}

bool by_four(const Pool2dGeometry& g, bool aligned) { return aligned && g.c % 4 == 0; }

// Halves without four channels at once are rare: they are left to the general code.
template <template <bool, class> class Body, class T, class... Args>
void for_outputs(const char* name, StreamHandle stream, const Pool2dGeometry& g, bool aligned,
                 Args... args) {
  if (!by_four(g, aligned)) {
    for_each_place<1>(name, stream, g.n, g.oh, g.ow, g.c, Body<false, T>{Pool<false>(g), args...});
  } else if (in_halves(g)) {
    for_each_place<4>(name, stream, g.n, g.oh, g.ow, g.c, Body<true, T>{Pool<true>(g), args...});
  } else {
    for_each_place<4>(name, stream, g.n, g.oh, g.ow, g.c, Body<false, T>{Pool<false>(g), args...});
  }
}

template <bool max, class T>
void pool_grad(const char* name, StreamHandle stream, const Pool2dGeometry& g, const void* from,
               const std::uint8_t* argmax, void* to, double beta) {
  const auto* dy = static_cast<const T*>(from);
  auto* dx = static_cast<T*>(to);
  const bool four = by_four(g, aligned16(dy, argmax, dx));
  if (four && in_halves(g))
    return for_each_place<4>(name, stream, g.n, (g.h + 1) / 2, (g.w + 1) / 2, g.c,
                             PoolGradInHalves<max, T>{Pool<true>(g), dy, argmax, dx, float(beta)});
  const PoolGrad<max, T> body{Pool<false>(g), dy, argmax, dx, float(beta)};
  if (four) {
    for_each_place<4>(name, stream, g.n, g.h, g.w, g.c, body);
  } else {
    for_each_place<1>(name, stream, g.n, g.h, g.w, g.c, body);
  }
}

}  // namespace

template <class T>
void max_pool2d(const MaxPool2dArgs& a, StreamHandle stream) {
  for_outputs<MaxPool, T>("max_pool2d", stream, a.g, aligned16(a.x, a.y, a.argmax),
                          static_cast<const T*>(a.x), static_cast<T*>(a.y), a.argmax);
}
template <class T>
void max_pool2d_grad(const MaxPool2dGradArgs& a, StreamHandle stream) {
  pool_grad<true, T>("max_pool2d_grad", stream, a.g, a.dy, a.argmax, a.dx, a.beta);
}
template <class T>
void avg_pool2d(const AvgPool2dArgs& a, StreamHandle stream) {
  for_outputs<AvgPool, T>("avg_pool2d", stream, a.g, aligned16(a.x, a.y),
                          static_cast<const T*>(a.x), static_cast<T*>(a.y));
}
template <class T>
void avg_pool2d_grad(const AvgPool2dGradArgs& a, StreamHandle stream) {
  pool_grad<false, T>("avg_pool2d_grad", stream, a.g, a.dy, nullptr, a.dx, a.beta);
}

template void max_pool2d<float>(const MaxPool2dArgs&, StreamHandle);
template void max_pool2d<bf16>(const MaxPool2dArgs&, StreamHandle);
template void max_pool2d_grad<float>(const MaxPool2dGradArgs&, StreamHandle);
template void max_pool2d_grad<bf16>(const MaxPool2dGradArgs&, StreamHandle);
template void avg_pool2d<float>(const AvgPool2dArgs&, StreamHandle);
template void avg_pool2d<bf16>(const AvgPool2dArgs&, StreamHandle);
template void avg_pool2d_grad<float>(const AvgPool2dGradArgs&, StreamHandle);
template void avg_pool2d_grad<bf16>(const AvgPool2dGradArgs&, StreamHandle);

}  // namespace mien::cuda
