#pragma once

#include "mien/tensor.h"

namespace mien {

/// Notes on x [..., C] the moments of its columns by tiles of rows: [tiles (2 C + 1)] floats, see
/// Conv2dArgs::moments. The note is on this tensor object, and holds as long as nothing modifies x.
void note_moments(const Tensor& x, const Tensor& moments);
/// Undefined where none hold.
Tensor noted_moments(const Tensor& x);

}  // namespace mien
