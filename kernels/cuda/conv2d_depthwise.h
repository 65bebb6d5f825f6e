#pragma once

#include "kernels/args.h"
#include "kernels/device_api.h"

namespace mien::cuda {

/// Convolutions of one channel to each group: loops over the window, without a matrix.
template <class T>
void depthwise(const Conv2dArgs& args, void* scratch, StreamHandle stream);
/// Bytes of scratch.
std::size_t depthwise_scratch(const Conv2dArgs& args);

}  // namespace mien::cuda
