#pragma once

#include "kernels/args.h"
#include "mien/tensor.h"

namespace mien {

/// y = op(x), recorded; alpha and beta as the kernel's UnaryOp says. Checks the dtype for op_name.
Tensor unary(const char* op_name, UnaryOp op, const Tensor& x, double alpha = 0, double beta = 0);

}  // namespace mien
