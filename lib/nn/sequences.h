#pragma once

#include "mien/base/error.h"
#include "mien/nn/module.h"
#include "mien/tensor.h"

// Layers of sequences [N, L, C] are those of images [N, 1, L, C].

namespace mien::nn {

/// Throws ShapeError "Conv1D: input must be [N, L, C]; got [7]".
inline Tensor as_image(const Module& layer, const Tensor& x) {
  MIEN_CHECK(x.rank() == 3, ShapeError, layer.kind(), ": input must be [N, L, C]; got ", x.shape());
  return x.view({x.shape()[0], 1, x.shape()[1], x.shape()[2]});
}
/// [N, 1, L, C] -> [N, L, C].
inline Tensor as_sequence(const Tensor& image) {
  return image.view({image.shape()[0], image.shape()[2], image.shape()[3]});
}
/// The shape of an image that holds one sequence [L, C], with its batch: [1, 1, L, C].
inline Shape image_shape(const Shape& in) { return {1, 1, in[0], in[1]}; }
/// [1, 1, L, C] -> [L, C].
inline Shape sequence_shape(const Shape& image) { return image.slice(2); }
/// A kernel [K, ..] as one of images: [1, K, ..].
inline Shape image_kernel(const Shape& kernel) { return join({1}, kernel); }
inline Tensor as_image_kernel(const Tensor& kernel) {
  return kernel.view(image_kernel(kernel.shape()));
}

}  // namespace mien::nn
