#pragma once

#include "kernels/api.h"
#include "lib/core/op_cost.h"
#include "lib/runtime/device.h"
#include "mien/base/error.h"
#include "mien/tensor.h"

namespace mien {

/// Table for a device and element type. Throws DeviceError where there is none.
const KernelTable& kernels_for(Device device, DType dtype);

inline const KernelTable& kernels_for(const Tensor& tensor) {
  return kernels_for(tensor.device(), tensor.dtype());
}

inline StreamHandle stream_of(const Tensor& tensor) { return current_stream(tensor.device()); }

/// Calls a table's entry for a tensor: run("relu", x, &KernelTable::unary, args). Throws DTypeError
/// where the table has none.
template <class Args>
void run(const char* op, const Tensor& tensor,
         void (*KernelTable::*entry)(const Args&, StreamHandle), const Args& args) {
  const auto kernel = kernels_for(tensor).*entry;
  MIEN_CHECK(kernel, DTypeError, op, ": not defined for ", tensor.dtype(), " tensors on ",
             tensor.device());
  const ProfiledOp timed(op, [&] { return op_cost(args, size_of(tensor.dtype())); });
  kernel(args, stream_of(tensor));
}

}  // namespace mien
