#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "mien/base/error.h"
#include "mien/data/augment.h"

namespace mien {
namespace {

/// Source position of output pixel (x, y): xx * x + xy * y + x0 along columns, likewise rows.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

/// One matrix for all: rotation * shift * shear * zoom about the centre, then flips and crop, which
/// only choose another place to show the result at.
Affine affine_of(const AugmentPlan& plan) {
  const double angle = plan.rotation * std::numbers::pi / 180;
  const double shear = plan.shear * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  Affine m;
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

/// As scipy's: in `constant` mode what lies outside is cval, without a blend at the edge. The
/// allowance keeps rounding from taking the edge itself for outside.
bool outside(double position, int n) { return position < -1e-9 || position > n - 1 + 1e-9; }

/// std::floor without the call it is on a baseline x86; positions far outside stay within int.
int floor_of(double position) {
  const int whole = int(std::clamp(position, -1e9, 1e9));
  return whole - (position < whole);
}

template <class T>
void warp(const AugmentPlan& plan, int channels, const T* in, float* out) {
  const Affine m = affine_of(plan);
  const std::ptrdiff_t pixel = channels, row = std::ptrdiff_t(plan.width) * channels;
  for (int oy = 0; oy < plan.out_height; ++oy) {
    const double row_x = m.xy * oy + m.x0, row_y = m.yy * oy + m.y0;
    for (int ox = 0; ox < plan.out_width; ++ox, out += channels) {
      const double x = m.xx * ox + row_x, y = m.yx * ox + row_y;
      int x0 = floor_of(x), y0 = floor_of(y);
      const float u = float(x - x0), v = float(y - y0);
      std::ptrdiff_t right = pixel, below = row;
      if (x0 < 0 || y0 < 0 || x0 + 1 >= plan.width || y0 + 1 >= plan.height) {
        if (plan.fill_mode == FillMode::constant &&
            (outside(x, plan.width) || outside(y, plan.height))) {
          std::fill_n(out, channels, float(plan.cval));
          continue;
        }
        const int x1 = fold(plan.fill_mode, x0 + 1, plan.width);
        const int y1 = fold(plan.fill_mode, y0 + 1, plan.height);
        x0 = fold(plan.fill_mode, x0, plan.width);
        y0 = fold(plan.fill_mode, y0, plan.height);
        right = pixel * (x1 - x0);
        below = row * (y1 - y0);
      }
      const T* p = in + row * y0 + pixel * x0;
      for (int c = 0; c < channels; ++c, ++p) {
        const float top = float(p[0]) + u * (float(p[right]) - float(p[0]));
        const float bottom = float(p[below]) + u * (float(p[below + right]) - float(p[below]));
        out[c] = top + v * (bottom - top);
      }
    }
  }
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
    warp(plan, int(channels), in.data(), out.data());
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
