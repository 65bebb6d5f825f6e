#include "mien/data/augment.h"

#include <cmath>

#include "mien/base/error.h"

namespace mien {
namespace {

// Beyond it a coordinate would not fit an int; no image is so large.
constexpr double kMaxShift = 1e6;

void check_range(const char* name, double value, double limit) {
  MIEN_CHECK(value >= 0 && value <= limit, ValueError, "augment: ", name, " must be in 0..", limit,
             "; got ", value);
}

void check_interval(const char* name, const std::array<double, 2>& value, double low, double high) {
  MIEN_CHECK(value[0] >= low && value[0] <= value[1] && value[1] <= high, ValueError,
             "augment: ", name, " must be {low, high} in ", low, "..", high, "; got {", value[0],
             ", ", value[1], "}");
}

double pixels(double range, int size) { return range < 1 ? range * size : range; }

void draw_crop(const RandomCropOptions& crop, PhiloxStream& random, AugmentPlan& plan) {
  plan.out_height = crop.height > 0 ? crop.height : plan.height;
  plan.out_width = crop.width > 0 ? crop.width : plan.width;
  const auto place = [&](int size, int window) {
    return int(random.below(std::uint64_t(size + 2 * crop.padding - window + 1))) - crop.padding;
  };
  plan.crop_top = place(plan.height, plan.out_height);
  plan.crop_left = place(plan.width, plan.out_width);
}

/// As torchvision draws: ten tries for a rectangle that fits, else none.
void draw_erasing(const RandomErasingOptions& erasing, PhiloxStream& random, AugmentPlan& plan) {
  plan.erase_value = erasing.value;
  if (random.uniform() >= erasing.probability) return;
  const double all = double(plan.out_height) * plan.out_width;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = all * random.uniform(erasing.area[0], erasing.area[1]);
    const double aspect =
        std::exp(random.uniform(std::log(erasing.aspect[0]), std::log(erasing.aspect[1])));
    const double height = std::round(std::sqrt(area * aspect));
    const double width = std::round(std::sqrt(area / aspect));
    if (height >= plan.out_height || width >= plan.out_width) continue;
    plan.erase_height = int(height);
    plan.erase_width = int(width);
    plan.erase_top = int(random.below(std::uint64_t(plan.out_height - plan.erase_height + 1)));
    plan.erase_left = int(random.below(std::uint64_t(plan.out_width - plan.erase_width + 1)));
    return;
  }
}

}  // namespace

void check_augmentation(const AugmentOptions& options, int height, int width) {
  MIEN_CHECK(height > 0 && width > 0, ShapeError, "augment: an image of ", height, " x ", width,
             " has no pixels");
  check_range("rotation_range", options.rotation_range, 360);
  check_range("width_shift_range", options.width_shift_range, kMaxShift);
  check_range("height_shift_range", options.height_shift_range, kMaxShift);
  check_range("shear_range", options.shear_range, 89);
  check_interval("zoom_range", options.zoom_range, 1e-3, 1e3);
  check_range("channel_shift_range", options.channel_shift_range, 255);
  check_interval("brightness_range", options.brightness_range, 0, 255);
  MIEN_CHECK(std::isfinite(options.cval), ValueError, "augment: cval must be finite; got ",
             options.cval);

  const RandomCropOptions& crop = options.crop;
  MIEN_CHECK(crop.height >= 0 && crop.width >= 0 && crop.padding >= 0 && crop.padding <= kMaxShift,
             ValueError, "augment: crop sizes and padding must not be negative; got ", crop.height,
             " x ", crop.width, ", padding ", crop.padding);
  MIEN_CHECK(crop.height <= height + 2 * crop.padding && crop.width <= width + 2 * crop.padding,
             ValueError, "augment: a crop of ", crop.height, " x ", crop.width,
             " does not fit an image of ", height, " x ", width, " with padding ", crop.padding);

  const RandomErasingOptions& erasing = options.erasing;
  check_range("erasing probability", erasing.probability, 1);
  check_interval("erasing area", erasing.area, 0, 1);
  check_interval("erasing aspect", erasing.aspect, 1e-3, 1e3);
  MIEN_CHECK(std::isfinite(erasing.value), ValueError,
             "augment: erasing value must be finite; got ", erasing.value);
}

AugmentPlan draw_augmentation(const AugmentOptions& options, int height, int width,
                              PhiloxStream& random) {
  check_augmentation(options, height, width);
  const auto symmetric = [&](double range) { return random.uniform(-range, range); };
  AugmentPlan plan;
  plan.height = height;
  plan.width = width;
  plan.fill_mode = options.fill_mode;
  plan.cval = options.cval;
  plan.keras_bug_compat = options.keras_bug_compat;

  plan.rotation = symmetric(options.rotation_range);
  plan.shift_y = symmetric(pixels(options.height_shift_range, height));
  plan.shift_x = symmetric(pixels(options.width_shift_range, width));
  if (options.keras_bug_compat) std::swap(plan.shift_x, plan.shift_y);
  plan.shear = symmetric(options.shear_range);
  plan.zoom_x = random.uniform(options.zoom_range[0], options.zoom_range[1]);
  plan.zoom_y = random.uniform(options.zoom_range[0], options.zoom_range[1]);
  plan.flip_horizontal = random.uniform() < 0.5 && options.horizontal_flip;
  plan.flip_vertical = random.uniform() < 0.5 && options.vertical_flip;
  plan.channel_shift = symmetric(options.channel_shift_range);
  plan.brightness = random.uniform(options.brightness_range[0], options.brightness_range[1]);
  draw_crop(options.crop, random, plan);
  draw_erasing(options.erasing, random, plan);
  return plan;
}

}  // namespace mien
