#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "mien/base/fill_mode.h"
#include "mien/base/philox.h"

namespace mien {

/// A window cut out of the image extended by padding pixels on each side (by the fill mode), its
/// place drawn uniformly.
struct RandomCropOptions {
  int height = 0;  // pixels of the result; 0: the image's own
  int width = 0;
  int padding = 0;  // pixels added on each of the four sides before cutting
};

/// A rectangle overwritten by one value (Zhong et al., "Random erasing data augmentation", 2017),
/// drawn as torchvision's RandomErasing draws it.
struct RandomErasingOptions {
  double probability = 0;                  // 0: off
  std::array<double, 2> area{0.02, 0.33};  // share of the image, uniform
  std::array<double, 2> aspect{0.3, 3.3};  // height / width, uniform in its logarithm
  double value = 0;                        // in the image's units, 0..255, before rescaling
};

/// Random changes of training images: the parameters of Keras's ImageDataGenerator in their
/// documented meaning, then a random crop and random erasing. All off by default. All ranges are
/// drawn uniformly. The rest of ImageDataGenerator (rescale, samplewise_*), which validation images
/// get too, is StandardizeOptions.
///
/// ```cpp
/// const AugmentOptions light{.rotation_range = 10, .horizontal_flip = true};
/// ```
struct AugmentOptions {
  double rotation_range = 0;               // degrees: the angle is in [-r, r]
  double width_shift_range = 0;            // below 1: share of the width, else pixels
  double height_shift_range = 0;           // below 1: share of the height, else pixels
  double shear_range = 0;                  // degrees: the angle is in [-s, s]
  std::array<double, 2> zoom_range{1, 1};  // of each axis by itself; below 1 zooms in
  bool horizontal_flip = false;            // left and right, every second image
  bool vertical_flip = false;              // top and bottom, every second image
  double channel_shift_range = 0;          // added to all pixels, kept in the image's own range
  std::array<double, 2> brightness_range{1, 1};  // factor; {1, 1}: off, else pixels become whole
                                                 // numbers in 0..255, as PIL makes them
  FillMode fill_mode = FillMode::nearest;
  double cval = 0;  // for FillMode::constant
  RandomCropOptions crop{};
  RandomErasingOptions erasing{};
  /// Keras moves columns by height_shift_range and rows by width_shift_range and turns about a
  /// wrong centre where the image is not square (keras issue 17398). On: the same, for comparisons.
  bool keras_bug_compat = false;
};

/// All random decisions for one image, in source pixels: output (x, y) shows what the affine map
/// rotation * shift * shear * zoom about the centre finds in the input.
struct AugmentPlan {
  int height = 0, width = 0;          // of the input
  int out_height = 0, out_width = 0;  // of the output
  double rotation = 0;                // degrees
  double shift_x = 0, shift_y = 0;    // pixels, along columns and along rows
  double shear = 0;                   // degrees
  double zoom_x = 1, zoom_y = 1;
  bool flip_horizontal = false, flip_vertical = false;
  double channel_shift = 0;
  double brightness = 1;
  int crop_top = 0, crop_left = 0;  // of the window; negative: in the padding
  int erase_top = 0, erase_left = 0, erase_height = 0, erase_width = 0;  // in the output
  double erase_value = 0;
  FillMode fill_mode = FillMode::nearest;
  double cval = 0;
  bool keras_bug_compat = false;
};

/// Throws ValueError where an option is out of its range, or a crop of images of this size is.
void check_augmentation(const AugmentOptions& options, int height, int width);

/// Draws for one image, in Keras's order: rotation, height shift, width shift, shear, zoom x and y,
/// flips, channel shift, brightness; then crop and erasing. As many numbers are drawn whatever is
/// switched on, so an option does not change what the others draw. Throws as check_augmentation.
AugmentPlan draw_augmentation(const AugmentOptions& options, int height, int width,
                              PhiloxStream& random);

/// Carries a plan out: in is [height, width, channels], out [out_height, out_width, channels], of
/// values 0..255. Order: affine map with bilinear interpolation, flips and crop in one pass,
/// channel shift, brightness, erasing. Allocates nothing. Throws ShapeError where the sizes do not
/// fit.
void apply_augmentation(const AugmentPlan& plan, std::span<const std::uint8_t> in,
                        std::span<float> out);
void apply_augmentation(const AugmentPlan& plan, std::span<const float> in, std::span<float> out);

}  // namespace mien
