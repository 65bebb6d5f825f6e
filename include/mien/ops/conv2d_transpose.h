#pragma once

#include <array>
#include <optional>

#include "mien/ops/padding.h"
#include "mien/tensor.h"

// The convolution that makes images larger: conv2d's way from its result back to its input. For
// instance twice the size, with eight filters:
//
// ```cpp
// Tensor x = Tensor::ones({2, 12, 12, 4}), weight = Tensor::ones({3, 3, 8, 4});
// Tensor y = conv2d_transpose(x, weight, {}, {.stride = {2, 2}, .padding = Padding::same});
// // [2, 24, 24, 8]
// ```

namespace mien {

/// Pairs are (vertical, horizontal). What they say of conv2d holds for the convolution from the
/// result to x.
struct Conv2dTransposeOptions {
  std::array<int, 2> stride{1, 1};
  std::array<int, 2> dilation{1, 1};
  int groups = 1;
  Padding padding = Padding::valid;
  std::array<int, 4> pads{0, 0, 0, 0};  // top, bottom, left, right, cut off; for Padding::custom
  /// Of all sizes of a result that convolve to x's, how many places more than the smallest; below
  /// the stride. Unset, as in Keras: stride times x's size for Padding::same, no stride's place
  /// lost for Padding::valid, the smallest for Padding::custom.
  std::optional<std::array<int, 2>> output_padding{};
};

/// Transposed convolution in Keras's layouts: x [N, H, W, C], weight [KH, KW, OC / groups, C], bias
/// [OC] or undefined -> [N, OH, OW, OC], with reach = dilation (KH - 1) + 1:
/// valid: OH = (H - 1) stride + reach + output_padding (unset: max(stride - reach, 0));
/// same: OH = (H - 1) stride + reach mod 2 + output_padding (unset: OH = H stride);
/// custom: OH = (H - 1) stride + reach - top - bottom + output_padding, as in PyTorch.
/// Throws ShapeError where shapes do not fit or there is no such size, ValueError for an option out
/// of its range, DTypeError unless all are f32 or all f64.
[[nodiscard]] Tensor conv2d_transpose(const Tensor& x, const Tensor& weight,
                                      const Tensor& bias = {},
                                      const Conv2dTransposeOptions& options = {});

/// The shape that conv2d_transpose gives for an x and a weight of these shapes. Throws as it does.
[[nodiscard]] Shape conv2d_transpose_shape(const Shape& x, const Shape& weight,
                                           const Conv2dTransposeOptions& options = {});

}  // namespace mien
