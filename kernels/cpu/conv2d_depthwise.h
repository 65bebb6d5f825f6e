#pragma once

#include "kernels/api.h"

namespace mien::cpu {

/// Convolution where each channel has filters of its own (c == groups), by direct loops: a matrix
/// of patches would be a few columns wide.
template <class T>
void depthwise(const Conv2dArgs& a, T* scratch);
/// Elements of scratch that it needs.
std::int64_t depthwise_scratch(const Conv2dArgs& a);

}  // namespace mien::cpu
