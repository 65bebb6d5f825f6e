#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "lib/core/kernels_for.h"
#include "mien/base/error.h"
#include "mien/data/augment.h"

namespace mien {
namespace {

/// One matrix for all: rotation * shift * shear * zoom about the centre, then flips and crop, which
/// only choose another place to show the result at.
AffineWarpArgs affine_of(const AugmentPlan& plan) {
  const double angle = plan.rotation * std::numbers::pi / 180;
  const double shear = plan.shear * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  AffineWarpArgs m{};
  m.xx = c * plan.zoom_x;
  m.yx = s * plan.zoom_x;
  m.xy = (-c * std::sin(shear) - s * std::cos(shear)) * plan.zoom_y;
  m.yy = (-s * std::sin(shear) + c * std::cos(shear)) * plan.zoom_y;

  double center_x = (plan.width - 1) * 0.5, center_y = (plan.height - 1) * 0.5;
  if (plan.keras_bug_compat) std::swap(center_x, center_y);
  m.x0 = center_x - m.xx * center_x - m.xy * center_y + c * plan.shift_x - s * plan.shift_y;
  m.y0 = center_y - m.yx * center_x - m.yy * center_y + s * plan.shift_x + c * plan.shift_y;

  // Position in the uncropped, unflipped result: x = first_x + step_x * (x of the output).
  const double step_x = plan.flip_horizontal ? -1 : 1, step_y = plan.flip_vertical ? -1 : 1;
  const double first_x = plan.flip_horizontal ? plan.width - 1 - plan.crop_left : plan.crop_left;
  const double first_y = plan.flip_vertical ? plan.height - 1 - plan.crop_top : plan.crop_top;
  m.x0 += m.xx * first_x + m.xy * first_y;
  m.y0 += m.yx * first_x + m.yy * first_y;
  m.xx *= step_x;
  m.yx *= step_x;
  m.xy *= step_y;
  m.yy *= step_y;
  return m;
}

void warp(const AugmentPlan& plan, int channels, DType from, const void* in, float* out) {
  AffineWarpArgs args = affine_of(plan);
  args.h = plan.height;
  args.w = plan.width;
  args.c = channels;
  args.oh = plan.out_height;
  args.ow = plan.out_width;
  args.from = from;
  args.x = in;
  args.y = out;
  args.fill = plan.fill_mode;
  args.cval = float(plan.cval);
  kernels_for(kCpu, DType::f32).affine_warp(args, nullptr);
}

bool moves_pixels(const AugmentPlan& p) {
  return p.rotation != 0 || p.shift_x != 0 || p.shift_y != 0 || p.shear != 0 || p.zoom_x != 1 ||
         p.zoom_y != 1 || p.flip_horizontal || p.flip_vertical || p.crop_top != 0 ||
         p.crop_left != 0 || p.out_height != p.height || p.out_width != p.width;
}

void shift_channels(double amount, std::span<float> image) {
  const auto [low, high] = std::minmax_element(image.begin(), image.end());
  const float least = *low, most = *high, shift = float(amount);
  for (float& value : image) value = std::clamp(value + shift, least, most);
}

/// PIL's Brightness on 8-bit pixels: a float product, cut off to a whole number.
void brighten(double factor, std::span<float> image) {
  const float f = float(factor);
  for (float& value : image) {
    value = std::trunc(std::clamp(value, 0.0f, 255.0f));
    value = std::trunc(std::min(value * f, 255.0f));
  }
}

bool erases_inside(const AugmentPlan& p) {
  return p.erase_top >= 0 && p.erase_left >= 0 && p.erase_height > 0 && p.erase_width >= 0 &&
         p.erase_height <= p.out_height - p.erase_top &&
         p.erase_width <= p.out_width - p.erase_left;
}

void erase(const AugmentPlan& plan, std::size_t channels, std::span<float> image) {
  for (int y = 0; y < plan.erase_height; ++y) {
    const auto first = std::size_t(plan.erase_top + y) * std::size_t(plan.out_width) +
                       std::size_t(plan.erase_left);
    std::fill_n(image.data() + first * channels, std::size_t(plan.erase_width) * channels,
                float(plan.erase_value));
  }
}

template <class T>
void apply(const AugmentPlan& plan, std::span<const T> in, std::span<float> out) {
  const std::size_t in_pixels = std::size_t(plan.height) * std::size_t(plan.width);
  const std::size_t out_pixels = std::size_t(plan.out_height) * std::size_t(plan.out_width);
  const std::size_t channels = in_pixels > 0 ? in.size() / in_pixels : 0;
  MIEN_CHECK(
      channels > 0 && in.size() == in_pixels * channels && out.size() == out_pixels * channels,
      ShapeError, "augment: a plan from ", plan.height, " x ", plan.width, " to ", plan.out_height,
      " x ", plan.out_width, " pixels does not fit buffers of ", in.size(), " and ", out.size(),
      " values");
  MIEN_CHECK(plan.erase_height == 0 || erases_inside(plan), ShapeError,
             "augment: the erased rectangle, ", plan.erase_height, " x ", plan.erase_width, " at (",
             plan.erase_top, ", ", plan.erase_left, "), is not inside ", plan.out_height, " x ",
             plan.out_width, " pixels");
  if (moves_pixels(plan)) {
    warp(plan, int(channels), dtype_of<T>(), in.data(), out.data());
  } else {
    std::copy(in.begin(), in.end(), out.begin());
  }
  if (plan.channel_shift != 0) shift_channels(plan.channel_shift, out);
  if (plan.brightness != 1) brighten(plan.brightness, out);
  if (plan.erase_height > 0) erase(plan, channels, out);
}

}  // namespace

void apply_augmentation(const AugmentPlan& plan, std::span<const std::uint8_t> in,
                        std::span<float> out) {
  apply(plan, in, out);
}

void apply_augmentation(const AugmentPlan& plan, std::span<const float> in, std::span<float> out) {
  apply(plan, in, out);
}

}  // namespace mien
