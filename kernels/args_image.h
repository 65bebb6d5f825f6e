#pragma once

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

}  // namespace mien
