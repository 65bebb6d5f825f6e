// Images of a batch, each warped, shifted, brightened, erased and standardized.
#include <algorithm>
#include <cmath>
#include <span>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

void warp(const AugmentArgs& a, const ImageChange& change, const void* x, float* y) {
  constexpr double unit = 1 / kMapUnits;
  cpu_kernels(DType::f32)
      .affine_warp({.h = a.h,
                    .w = a.w,
                    .c = a.c,
                    .oh = a.oh,
                    .ow = a.ow,
                    .from = a.from,
                    .x = x,
                    .y = y,
                    .xx = double(change.xx) * unit,
                    .xy = double(change.xy) * unit,
                    .x0 = double(change.x0) * unit,
                    .yx = double(change.yx) * unit,
                    .yy = double(change.yy) * unit,
                    .y0 = double(change.y0) * unit,
                    .fill = a.fill,
                    .cval = a.cval},
                   nullptr);
}

void shift_channels(float shift, std::span<float> image) {
  const auto [low, high] = std::minmax_element(image.begin(), image.end());
  const float least = *low, most = *high;
  for (float& value : image) value = std::clamp(value + shift, least, most);
}

/// PIL's Brightness on 8-bit pixels: a float product, cut off to a whole number.
void brighten(float factor, std::span<float> image) {
  for (float& value : image) {
    value = std::trunc(std::clamp(value, 0.0f, 255.0f));
    value = std::trunc(std::min(value * factor, 255.0f));
  }
}

void erase(const AugmentArgs& a, const ImageChange& change, float* image) {
  const std::ptrdiff_t row = std::ptrdiff_t(a.ow) * a.c;
  for (int y = 0; y < change.erase_height; ++y) {
    float* const first =
        image + (change.erase_top + y) * row + std::ptrdiff_t(change.erase_left) * a.c;
    std::fill_n(first, std::ptrdiff_t(change.erase_width) * a.c, a.erase_value);
  }
}

void standardize(const AugmentArgs& a, std::span<float> image) {
  if (a.rescale != 1) {
    for (float& value : image) value *= a.rescale;
  }
  if (!a.center && !a.divide) return;

  double sum = 0;
  for (const float value : image) sum += value;
  const double mean = sum / double(image.size());
  double squares = 0;
  for (const float value : image) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / double(image.size()));

  const float offset = a.center ? float(mean) : 0.0f;
  const float scale = a.divide ? float(1 / (deviation + 1e-6)) : 1.0f;
  for (float& value : image) value = (value - offset) * scale;
}

template <class T>
void augment_images(const AugmentArgs& a) {
  const std::ptrdiff_t in_size = std::ptrdiff_t(a.h) * a.w * a.c;
  const std::ptrdiff_t out_size = std::ptrdiff_t(a.oh) * a.ow * a.c;
  for (int i = 0; i < a.n; ++i) {
    const ImageChange& change = a.changes[i];
    const T* const x = static_cast<const T*>(a.x) + i * in_size;
    float* const y = a.y + i * out_size;
    if (change.moves) {
      warp(a, change, x, y);
    } else if (static_cast<const void*>(x) != y) {
      std::copy_n(x, out_size, y);
    }
    const std::span<float> image(y, std::size_t(out_size));
    if (image.empty()) continue;
    if (change.channel_shift != 0) shift_channels(change.channel_shift, image);
    if (change.brightness != 1) brighten(change.brightness, image);
    if (change.erase_height > 0) erase(a, change, y);
    standardize(a, image);
  }
}

}  // namespace

void augment(const AugmentArgs& a, StreamHandle) {
  if (a.from == DType::u8) {
    augment_images<std::uint8_t>(a);
  } else {
    augment_images<float>(a);
  }
}

}  // namespace mien::cpu
