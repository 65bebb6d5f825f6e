#pragma once

#include <array>

#include "mien/ops/padding.h"
#include "mien/tensor.h"

// Pooling of images, x: [N, H, W, C].
//
// ```cpp
// Tensor x = Tensor::ones({2, 12, 12, 8});
// Tensor half = max_pool2d(x);         // [2, 6, 6, 8]
// Tensor each = global_avg_pool2d(x);  // [2, 8]
// ```

namespace mien {

/// Pairs are (vertical, horizontal).
struct Pool2dOptions {
  std::array<int, 2> size{2, 2};
  std::array<int, 2> stride{0, 0};  // 0: the same as size, as in Keras
  Padding padding = Padding::valid;
  std::array<int, 4> pads{0, 0, 0, 0};  // top, bottom, left, right, each below size; for custom
};

/// Largest value of each window: [N, H, W, C] -> [N, OH, OW, C]. Padding never wins; a NaN does.
/// Where a window holds the maximum twice, the first one (row by row) gets the gradient, as in
/// Keras and PyTorch.
/// Throws ShapeError where x is not of rank 4 or the output would be empty, ValueError for an
/// option out of its range or a window of more than 256 places, DTypeError unless f32 or f64.
[[nodiscard]] Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options = {});

/// Mean of each window's values: [N, H, W, C] -> [N, OH, OW, C]. Padding is left out of the mean,
/// as in Keras. Throws as max_pool2d (any window size).
[[nodiscard]] Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options = {});

/// The shape that both give for an x of this shape. Throws as they do.
[[nodiscard]] Shape pool2d_shape(const Shape& x, const Pool2dOptions& options = {});

/// Options of the global poolings.
struct GlobalPool2dOptions {
  bool keepdims = false;  // [N, 1, 1, C] instead of [N, C]
};

/// Largest value of each image and channel: [N, H, W, C] -> [N, C]. Equal ones share the gradient
/// evenly, as in Keras. Throws ShapeError where x is not of rank 4 or its images are empty,
/// DTypeError unless f32 or f64.
[[nodiscard]] Tensor global_max_pool2d(const Tensor& x, const GlobalPool2dOptions& options = {});

/// Mean of each image and channel: [N, H, W, C] -> [N, C]. Throws as global_max_pool2d.
[[nodiscard]] Tensor global_avg_pool2d(const Tensor& x, const GlobalPool2dOptions& options = {});

}  // namespace mien
