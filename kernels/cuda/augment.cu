// Images along affine maps, and all else that a batch of images goes through. Places are counted in
// whole units of 2^-32 pixels, exactly, so that no f32 arithmetic drifts over a large image.
#include <cmath>
#include <limits>

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/images.cuh"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/reduce_block.cuh"
#include "kernels/cuda/two_float.cuh"

namespace mien::cuda {
namespace {

/// The pixel that stands at position i of a line of n.
__device__ __forceinline__ int fold(FillMode mode, int i, int n) {
  if (i >= 0 && i < n) return i;
  if (mode == FillMode::reflect) {
    const int period = 2 * n, r = (i % period + period) % period;
    return r < n ? r : period - 1 - r;
  }
  if (mode == FillMode::wrap) return (i % n + n) % n;
  return i < 0 ? 0 : n - 1;
}

/// Of a pixel's way through a map, one axis: the pixels on either side, and how far the place is
/// from the first, 0..1.
struct Between {
  int low, high;
  float share;
  bool outside;
};

/// per_x, per_y, first: of the map. What is beyond the range of 64 bits comes out anywhere.
__device__ __forceinline__ Between between(std::int64_t per_x, std::int64_t per_y,
                                           std::int64_t first, int x, int y, int size,
                                           FillMode fill) {
  constexpr auto kAllowance = std::int64_t(kEdgeAllowance * kMapUnits);
  constexpr int kFar = 1000000000;  // so that a step to the next pixel stays an int
  using Unsigned = std::uint64_t;   // wraps around
  const auto place =
      std::int64_t(Unsigned(per_x) * Unsigned(x) + Unsigned(per_y) * Unsigned(y) + Unsigned(first));
  int whole = int(place >> 32);
  whole = whole < -kFar ? -kFar : whole > kFar ? kFar : whole;
  return {fold(fill, whole, size), fold(fill, whole + 1, size),
          float(std::uint32_t(place)) * 0x1p-32f,
          place < -kAllowance || place > (std::int64_t(size - 1) << 32) + kAllowance};
}

/// Images as a map reads them.
template <class T>
struct Source {
  const T* images;
  int h, w, c;
  FillMode fill;
  float cval;

  __device__ std::int64_t first_of(int image) const {
    return std::int64_t(image) * (std::int64_t(h) * w * c);
  }
  __device__ float read(const ImageChange& map, const Place& to) const {
    const Between x = between(map.xx, map.xy, map.x0, to.x, to.y, w, fill);
    const Between y = between(map.yx, map.yy, map.y0, to.x, to.y, h, fill);
    if (fill == FillMode::constant && (x.outside || y.outside)) return cval;
    const T* const above = images + first_of(to.image) + y.low * w * c + to.channel;
    const T* const below = images + first_of(to.image) + y.high * w * c + to.channel;
    const float a = as_float(above[x.low * c]), b = as_float(above[x.high * c]);
    const float d = as_float(below[x.low * c]), e = as_float(below[x.high * c]);
    const float top = a + x.share * (b - a), bottom = d + x.share * (e - d);
    return top + y.share * (bottom - top);
  }
};

/// One image.
template <class T>
struct Warp {
  Source<T> from;
  ImageChange map;
  int oh, ow;
  float* y;

  template <int>
  __device__ void apply(const Place& to) const {
    y[to.offset(oh, ow, from.c)] = from.read(map, to);
  }
};

/// What follows a channel shift, but for an image's mean and deviation.
struct Finish {
  float erase_value, rescale;

  __device__ float operator()(const ImageChange& change, float value, int y, int x) const {
    if (change.brightness != 1) {
      value = truncf(fminf(fmaxf(value, 0.0f), 255.0f));
      value = truncf(fminf(value * change.brightness, 255.0f));
    }
    const bool erased = unsigned(y - change.erase_top) < unsigned(change.erase_height) &&
                        unsigned(x - change.erase_left) < unsigned(change.erase_width);
    return (erased ? erase_value : value) * rescale;
  }
};

template <class T>
struct Augment {
  Source<T> from;
  const ImageChange* changes;
  Finish finish;
  bool finishes;  // no image as a whole needs to be looked at
  int oh, ow;
  float* y;

  template <int>
  __device__ void apply(const Place& to) const {
    const ImageChange& change = changes[to.image];
    const std::int64_t at = to.offset(oh, ow, from.c);
    const float value = change.moves ? from.read(change, to) : as_float(from.images[at]);
    y[at] = finishes ? finish(change, value, to.y, to.x) : value;
  }
};

// ---- what needs a look at a whole image: one block for each ----

// Threads of a block, for images of up to so many values and for larger ones.
constexpr int kFewThreads = 256, kFewValues = 4096, kManyThreads = 1024;

struct Range {
  float least, most;
};
struct Widen {
  __device__ Range operator()(const Range& a, const Range& b) const {
    return {fminf(a.least, b.least), fmaxf(a.most, b.most)};
  }
};
struct Sums {
  TwoFloat values, squares;
};
struct AddSums {
  __device__ Sums operator()(Sums a, const Sums& b) const {
    a.values.add(b.values);
    a.squares.add(b.squares);
    return a;
  }
};

struct WholeArgs {
  const ImageChange* changes;
  Finish finish;
  float* y;  // [n, oh, ow, c], warped
  int size;
  FastDivide c, ow;
  bool center, divide;
};

template <int threads>
struct WholeScratch {
  Range range[threads / kWarp];
  Sums sums[threads / kWarp];
};

template <int threads>
__global__ void __launch_bounds__(threads, 1) whole_images_kernel(WholeArgs a) {
  auto& scratch = shared<WholeScratch<threads>>();
  const auto count = float(a.size);
  const ImageChange& change = a.changes[blockIdx.x];
  float* const y = a.y + std::int64_t(blockIdx.x) * a.size;
  const float shift = change.channel_shift;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Range range{infinity, -infinity};
  if (shift != 0) {
    for (int i = int(threadIdx.x); i < a.size; i += threads) range = Widen{}(range, {y[i], y[i]});
    range = block_reduce<threads>(range, Widen{}, scratch.range);
  }
  Sums sums{};
  for (int i = int(threadIdx.x); i < a.size; i += threads) {
    float value = y[i];
    if (shift != 0) value = fminf(fmaxf(value + shift, range.least), range.most);
    const unsigned pixel = a.c(unsigned(i)), row = a.ow(pixel);
    value = a.finish(change, value, int(row), int(pixel - row * a.ow.divisor));
    sums.values.add(value);
    y[i] = value;
  }
  if (!a.center && !a.divide) return;

  // Sums about this mean, which is rounded, correct it: an image of one colour becomes 0.
  const float about = block_reduce<threads>(sums, AddSums{}, scratch.sums).values.value() / count;
  sums = Sums{};
  for (int i = int(threadIdx.x); i < a.size; i += threads) {
    sums.values.add(y[i] - about);
    sums.squares.add_square(y[i] - about);
  }
  sums = block_reduce<threads>(sums, AddSums{}, scratch.sums);
  const float rest = sums.values.value() / count;
  const float variance = fmaxf(sums.squares.value() / count - rest * rest, 0.0f);
  const float offset = a.center ? about + rest : 0.0f;
  const float scale = a.divide ? 1.0f / (sqrtf(variance) + 1e-6f) : 1.0f;
  for (int i = int(threadIdx.x); i < a.size; i += threads) y[i] = (y[i] - offset) * scale;
}

void check_sizes(const char* name, int h, int w, int oh, int ow, int c) {
  constexpr std::int64_t kMost = std::int64_t(1) << 31;
  MIEN_CHECK(std::int64_t(h) * w < kMost / c && std::int64_t(oh) * ow < kMost / c, ShapeError, name,
             ": a CUDA device takes images of less than 2^31 values; got ", h, " x ", w, " to ", oh,
             " x ", ow, ", of ", c, " channels");
}

template <int threads>
void launch_whole(int images, const WholeArgs& a, StreamHandle stream) {
  launch({.name = "augment_whole",
          .stream = stream,
          .grid = dim3(unsigned(images)),
          .block = dim3(threads),
          .shared = sizeof(WholeScratch<threads>)},
         whole_images_kernel<threads>, a);
}

std::int64_t units(double pixels) { return std::llround(pixels * kMapUnits); }

template <class T>
void warp_image(const AffineWarpArgs& a, StreamHandle stream) {
  ImageChange map{};
  map.xx = units(a.xx);
  map.xy = units(a.xy);
  map.x0 = units(a.x0);
  map.yx = units(a.yx);
  map.yy = units(a.yy);
  map.y0 = units(a.y0);
  const Source<T> from{static_cast<const T*>(a.x), a.h, a.w, a.c, a.fill, a.cval};
  for_each_place<1>("affine_warp", stream, 1, a.oh, a.ow, a.c, Warp<T>{from, map, a.oh, a.ow, a.y});
}

template <class T>
void augment_images(const AugmentArgs& a, bool whole, StreamHandle stream) {
  const Source<T> from{static_cast<const T*>(a.x), a.h, a.w, a.c, a.fill, a.cval};
  for_each_place<1>(
      "augment", stream, a.n, a.oh, a.ow, a.c,
      Augment<T>{from, a.changes, {a.erase_value, a.rescale}, !whole, a.oh, a.ow, a.y});
}

}  // namespace

void affine_warp(const AffineWarpArgs& a, StreamHandle stream) {
  check_sizes("affine_warp", a.h, a.w, a.oh, a.ow, a.c);
  if (a.from == DType::u8) {
    warp_image<std::uint8_t>(a, stream);
  } else {
    warp_image<float>(a, stream);
  }
}

void augment(const AugmentArgs& a, StreamHandle stream) {
  check_sizes("augment", a.h, a.w, a.oh, a.ow, a.c);
  const bool whole = a.shifts || a.center || a.divide;
  if (a.from == DType::u8) {
    augment_images<std::uint8_t>(a, whole, stream);
  } else {
    augment_images<float>(a, whole, stream);
  }
  if (!whole || a.n <= 0) return;
  const WholeArgs args{a.changes,
                       {a.erase_value, a.rescale},
                       a.y,
                       a.oh * a.ow * a.c,
                       FastDivide(unsigned(a.c)),
                       FastDivide(unsigned(a.ow)),
                       a.center,
                       a.divide};
  if (args.size <= kFewValues) {
    launch_whole<kFewThreads>(a.n, args, stream);
  } else {
    launch_whole<kManyThreads>(a.n, args, stream);
  }
}

}  // namespace mien::cuda
