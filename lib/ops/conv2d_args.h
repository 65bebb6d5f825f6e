#pragma once

#include "kernels/args.h"
#include "mien/base/shape.h"
#include "mien/ops/conv2d.h"

namespace mien {

/// Everything of a convolution's arguments but the pass (forward) and the pointers. Throws as
/// conv2d, naming op.
Conv2dArgs conv2d_args(const char* op, const Shape& x, const Shape& weight,
                       const Conv2dOptions& options);

}  // namespace mien
