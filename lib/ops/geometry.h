#pragma once

#include <array>

#include "mien/base/shape.h"
#include "mien/ops/padding.h"

namespace mien {

/// A window that slides over an image, and what it gives along each axis (vertical, horizontal).
struct Window2d {
  std::array<int, 2> size, stride, dilation;
  Padding padding;
  std::array<int, 4> pads;  // top, bottom, left, right
};
struct Slide2d {
  std::array<int, 2> outputs, before;  // places, and padding before the image
};

/// x: [N, H, W, C]. Keras's rule for Padding::same: ceil(size / stride) outputs, the odd place of
/// padding after. Throws ValueError naming op for an option out of its range, ShapeError where a
/// window does not fit into the padded image or a size exceeds 2^31 - 1.
Slide2d slide2d(const char* op, const Shape& x, const Window2d& window);

}  // namespace mien
