#pragma once

#include <array>
#include <string>

#include "mien/ops/padding.h"
#include "mien/tensor.h"

// Convolution of images. For instance eight filters of 3 x 3 that keep the size:
//
// ```cpp
// Tensor x = Tensor::ones({2, 48, 48, 1}), weight = Tensor::ones({3, 3, 1, 8});
// Tensor y = conv2d(x, weight, {}, {.padding = Padding::same});  // [2, 48, 48, 8]
// ```

namespace mien {

/// Pairs are (vertical, horizontal).
struct Conv2dOptions {
  std::array<int, 2> stride{1, 1};
  std::array<int, 2> dilation{1, 1};  // distance of a filter's taps; 1: neighbours
  int groups = 1;  // channels are cut into so many parts, each seen by its part of the filters
  Padding padding = Padding::valid;
  std::array<int, 4> pads{0, 0, 0, 0};  // top, bottom, left, right; for Padding::custom
  // Says that batch_norm() will find the statistics of the result: a device then notes them on it
  // where it computes it, and batch_norm need not read it for them.
  bool moments = false;
};

/// Convolution (correlation, as everywhere in this field) in Keras's layouts:
/// x [N, H, W, C], weight [KH, KW, C / groups, OC], bias [OC] or undefined -> [N, OH, OW, OC],
/// OH = (H + top + bottom - dilation (KH - 1) - 1) / stride + 1, rounded down.
/// Filters o with o * groups / OC == g see the channels g C / groups and following.
/// Throws ShapeError where shapes do not fit or the output would be empty (an empty batch is fine),
/// ValueError for an option out of its range, DTypeError unless all are f32 or all f64.
[[nodiscard]] Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                            const Conv2dOptions& options = {});

/// Each channel with filters of its own: x [N, H, W, C], weight [KH, KW, C, multiplier] ->
/// [N, OH, OW, C * multiplier], channel c giving outputs c * multiplier and following. The same as
/// conv2d with C groups; options.groups must stay 1. Throws as conv2d.
[[nodiscard]] Tensor depthwise_conv2d(const Tensor& x, const Tensor& weight,
                                      const Tensor& bias = {}, const Conv2dOptions& options = {});

/// The shape that conv2d gives for an x and a weight of these shapes. Throws as conv2d.
[[nodiscard]] Shape conv2d_shape(const Shape& x, const Shape& weight,
                                 const Conv2dOptions& options = {});

/// What computes a convolution of these shapes here and now (device, instruction set, conv_math()),
/// by pass: "winograd F(4x4,5x5)", for instance. Throws as conv2d.
struct Conv2dAlgorithms {
  std::string forward{}, grad_x{}, grad_w{};
};
[[nodiscard]] Conv2dAlgorithms conv2d_algorithms(const Shape& x, const Shape& weight,
                                                 const Conv2dOptions& options = {},
                                                 const TensorOptions& like = {});

}  // namespace mien
