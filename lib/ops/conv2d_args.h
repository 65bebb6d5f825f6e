#pragma once

#include "kernels/args.h"
#include "mien/base/shape.h"
#include "mien/ops/conv2d.h"
#include "mien/tensor.h"

namespace mien {

/// Everything of a convolution's arguments but the pass (forward) and the pointers. Throws as
/// conv2d, naming op.
Conv2dArgs conv2d_args(const char* op, const Shape& x, const Shape& weight,
                       const Conv2dOptions& options);

/// Runs the pass that args say on like's device, in its dtype, with scratch and a line in the
/// profile. Throws DTypeError, naming op, where there is no such kernel.
void run_conv2d(const char* op, const Tensor& like, const Conv2dArgs& args);

}  // namespace mien
