#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/api.h"
#include "mien/tensor.h"

namespace mien {

/// Calls kernels of a table on arrays: the pointers are to the buffers' bytes, in their order.
using KernelCall =
    std::function<void(const KernelTable& kernels, void* const* buffers, StreamHandle stream)>;

struct TwinOptions {
  double tolerance = 1e-5;   // relative_error() of each buffer of floats; integers must be equal
  DType table = DType::f32;  // whose entries the call uses
  /// Where the CPU's table is another one: its buffers of `table` are converted to this type, and
  /// results are compared in it.
  std::optional<DType> cpu_table{};
  /// Results of bf16 may be off by half a unit in their last place more: they are rounded once.
  bool rounded_once = false;
};

/// Runs the call on the CPU and on the CUDA device, there in every behaviour that the device has,
/// and compares all buffers: each behaviour must give the same bits, and these must be close to the
/// CPU's. `buffers` are what the arrays hold at first, outputs too: where an output is only
/// written, fill it with NaN. The device's arrays are of exactly their size. Returns "" or a line
/// that says what differs. Skips the case where there is no device.
///   REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
///     k.unary(UnaryArgs{.op = UnaryOp::exp, .n = 10, .x = b[0], .y = b[1]}, stream);
///   }) == "");
std::string twin(const std::vector<Tensor>& buffers, const KernelCall& call,
                 const TwinOptions& options = {});

/// All NaN, to be written.
Tensor unwritten(const Shape& shape);

}  // namespace mien
