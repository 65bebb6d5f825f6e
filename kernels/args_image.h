#pragma once

#include <cstdint>

#include "mien/base/dtype.h"
#include "mien/base/fill_mode.h"

// Arguments of the kernels that prepare images. See args.h.

namespace mien {

/// Output pixel (x, y) is what lies at (xx x + xy y + x0, yx x + yy y + y0) of the input, between
/// pixels bilinear. In `constant` mode what lies outside is cval, without a blend at the edge, as
/// scipy has it. One image, on the calling thread alone: those who prepare batches work while
/// others compute.
struct AffineWarpArgs {
  int h, w, c, oh, ow;
  DType from;     // of x: u8 or f32
  const void* x;  // [h, w, c]
  float* y;       // [oh, ow, c]
  double xx, xy, x0, yx, yy, y0;
  FillMode fill;
  float cval;
};

/// A map's numbers are whole multiples of 2^-32 pixels, rounded once. Places are then sums of
/// integers: exact on every device, also one that is slow in double, and at any distance.
inline constexpr double kMapUnits = 0x1p32;
/// Outside of `constant` mode's image is what lies further beyond its edge than this, in pixels:
/// rounding must not take the edge itself for outside.
inline constexpr double kEdgeAllowance = 1e-5;

/// What one image of a batch goes through.
struct ImageChange {
  std::int64_t xx, xy, x0, yx, yy, y0;  // as of AffineWarpArgs, in units of 1 / kMapUnits
  std::int32_t moves;                   // 0: there is no map, the pixels stay where they are
  float channel_shift;                  // added to all values, kept within the image's own range
  float brightness;                     // factor; 1: off, else values become whole, in 0..255
  std::int32_t erase_top, erase_left, erase_height, erase_width;  // in the output; height 0: off
};
/// Images of a batch, each changed by its own numbers: the map, channel shift, brightness, erasing;
/// then all by rescale, and where asked for, less the image's mean, and divided by its deviation
/// (the population's) + 1e-6. y may be x where no image moves. On the CPU, the calling thread alone
/// works.
struct AugmentArgs {
  int n, h, w, c, oh, ow;
  DType from;                  // of x: u8 or f32
  const void* x;               // [n, h, w, c]
  const ImageChange* changes;  // [n]
  float* y;                    // [n, oh, ow, c]
  FillMode fill;               // of all
  float cval, erase_value, rescale;
  bool center, divide;  // by each image's mean and deviation
  bool shifts;          // whether any channel_shift is not 0
};

}  // namespace mien
