#pragma once

#include <string>

#include "mien/tensor.h"

namespace mien {

/// The array tests/golden/<name>.npy (f32, f64, i32, i64, u8; C order; i64 comes as i32) as a
/// tensor of its dtype. Throws IoError naming the file.
Tensor golden(const std::string& name);

}  // namespace mien
