#pragma once

#include "mien/tensor.h"

namespace mien {

/// A one of y's shape (of one element), dtype and device, for reading only: the same bytes for all,
/// written once, so that a backward begins without a launch. Held here too, they are nobody's to
/// reuse: GradOut copies before it adds to them.
Tensor one_like(const Tensor& y);

}  // namespace mien
