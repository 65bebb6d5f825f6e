#pragma once

#include <array>

#include "mien/base/interpolation.h"
#include "mien/tensor.h"

// Images made larger by whole factors.
//
// ```cpp
// Tensor x = Tensor::from({1, 2}, {1, 1, 2, 1});
// Tensor larger = upsample2d(x);  // [1, 2, 4, 1]: both rows are 1 1 2 2
// ```

namespace mien {

/// Pairs are (vertical, horizontal).
struct Upsample2dOptions {
  std::array<int, 2> size{2, 2};  // factors
  Interpolation interpolation = Interpolation::nearest;
};

/// x [N, H, W, C] -> [N, H * size[0], W * size[1], C]; Keras's UpSampling2D. Bilinear takes pixels
/// as areas (half-pixel centres, edges repeated), as Keras and PyTorch's align_corners=false.
/// Throws ShapeError where x is not of rank 4, ValueError for a factor below 1, DTypeError unless
/// f32 or f64.
[[nodiscard]] Tensor upsample2d(const Tensor& x, const Upsample2dOptions& options = {});

}  // namespace mien
