#pragma once

#include "kernels/api.h"

// Convolutions of bf16 whose rows the tensor cores cannot read: by the kernels of f32, of operands
// that are converted in scratch, and so are results.

namespace mien::cuda {

/// Bytes of scratch for the converted arrays, besides what the plan in f32 wants.
std::size_t widened_bytes(const Conv2dArgs& args);
/// Queues it; `plan` is conv2d_plan<float>'s.
void conv2d_widened(const Conv2dArgs& args, const Plan& plan, void* scratch, StreamHandle stream);

}  // namespace mien::cuda
