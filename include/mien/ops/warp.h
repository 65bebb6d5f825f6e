#pragma once

#include <array>
#include <span>

#include "mien/base/fill_mode.h"
#include "mien/base/interpolation.h"
#include "mien/tensor.h"

// Images turned, moved and scaled.
//
// ```cpp
// const Tensor x = Tensor::from({1, 2, 3, 4}, {1, 1, 4, 1});
// const Affine by_one{1, 0, 1, 0, 1, 0};
// const Tensor y = warp_images(x, {&by_one, 1}, {.fill = FillMode::nearest});  // 2 3 4 4
// ```

namespace mien {

/// Where the pixel (x, y) of the result comes from: (a[0] x + a[1] y + a[2], a[3] x + a[4] y +
/// a[5]).
using Affine = std::array<double, 6>;

/// Options of warp_images().
struct WarpOptions {
  Interpolation interpolation = Interpolation::bilinear;
  FillMode fill = FillMode::reflect;
  double fill_value = 0.0;  // of constant
};

/// Each image of x [N, H, W, C] by its own map, as TensorFlow's ImageProjectiveTransformV3. Throws
/// ShapeError where x is not of rank 4 or has more than 2^31 pixels, ValueError for another number
/// of maps.
[[nodiscard]] Tensor warp_images(const Tensor& x, std::span<const Affine> maps,
                                 const WarpOptions& options = {});

}  // namespace mien
