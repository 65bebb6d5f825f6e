#include "lib/data/image_change.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mien::detail {
namespace {

/// No map brings a pixel so far, and sums of three stay within 64 bits.
std::int64_t units(double pixels) {
  return std::llround(std::clamp(pixels, -0x1p30, 0x1p30) * kMapUnits);
}

/// One matrix for all: rotation * shift * shear * zoom about the centre, then flips and crop, which
/// only choose another place to show the result at.
void set_map(const AugmentPlan& plan, ImageChange& change) {
  const double angle = plan.rotation * std::numbers::pi / 180;
  const double shear = plan.shear * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  double xx = c * plan.zoom_x;
  double yx = s * plan.zoom_x;
  double xy = (-c * std::sin(shear) - s * std::cos(shear)) * plan.zoom_y;
  double yy = (-s * std::sin(shear) + c * std::cos(shear)) * plan.zoom_y;

  double center_x = (plan.width - 1) * 0.5, center_y = (plan.height - 1) * 0.5;
  if (plan.keras_bug_compat) std::swap(center_x, center_y);
  double x0 = center_x - xx * center_x - xy * center_y + c * plan.shift_x - s * plan.shift_y;
  double y0 = center_y - yx * center_x - yy * center_y + s * plan.shift_x + c * plan.shift_y;

  // Position in the uncropped, unflipped result: x = first_x + step_x * (x of the output).
  const double step_x = plan.flip_horizontal ? -1 : 1, step_y = plan.flip_vertical ? -1 : 1;
  const double first_x = plan.flip_horizontal ? plan.width - 1 - plan.crop_left : plan.crop_left;
  const double first_y = plan.flip_vertical ? plan.height - 1 - plan.crop_top : plan.crop_top;
  x0 += xx * first_x + xy * first_y;
  y0 += yx * first_x + yy * first_y;
  change.xx = units(xx * step_x);
  change.yx = units(yx * step_x);
  change.xy = units(xy * step_y);
  change.yy = units(yy * step_y);
  change.x0 = units(x0);
  change.y0 = units(y0);
}

bool moves_pixels(const AugmentPlan& p) {
  return p.rotation != 0 || p.shift_x != 0 || p.shift_y != 0 || p.shear != 0 || p.zoom_x != 1 ||
         p.zoom_y != 1 || p.flip_horizontal || p.flip_vertical || p.crop_top != 0 ||
         p.crop_left != 0 || p.out_height != p.height || p.out_width != p.width;
}

}  // namespace

ImageChange no_change() {
  ImageChange change{};
  change.brightness = 1;
  return change;
}

ImageChange image_change(const AugmentPlan& plan) {
  ImageChange change = no_change();
  change.moves = moves_pixels(plan);
  if (change.moves) set_map(plan, change);
  change.channel_shift = float(plan.channel_shift);
  change.brightness = float(plan.brightness);
  change.erase_top = plan.erase_top;
  change.erase_left = plan.erase_left;
  change.erase_height = plan.erase_height;
  change.erase_width = plan.erase_width;
  return change;
}

AugmentArgs augment_args(const AugmentOptions& augment, const StandardizeOptions& standardize) {
  AugmentArgs args{};
  args.fill = augment.fill_mode;
  args.cval = float(augment.cval);
  args.erase_value = float(augment.erasing.value);
  args.rescale = float(standardize.rescale);
  args.center = standardize.samplewise_center;
  args.divide = standardize.samplewise_std_normalization;
  args.shifts = augment.channel_shift_range != 0;
  return args;
}

void set_sizes(AugmentArgs& args, std::int64_t n, const Shape& in, const Shape& out) {
  args.n = int(n);
  args.h = int(in[0]);
  args.w = int(in[1]);
  args.c = int(in[2]);
  args.oh = int(out[0]);
  args.ow = int(out[1]);
}

}  // namespace mien::detail
