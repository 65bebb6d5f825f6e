#pragma once

#include "kernels/api.h"

// Convolution of images of 1 to 4 channels, as in a network's first layer: the filters have few
// taps, so that the time goes into writing y, or into reading dy. Exact in every ConvMath.

namespace mien::cuda {

/// Whether few_channels() has this convolution: forward and grad_w, without groups.
bool few_channels_fits(const Conv2dArgs&);
/// Bytes of scratch that it needs; 0 for some.
std::size_t few_channels_scratch(const Conv2dArgs&);
/// Tiles of y's places that forward can write moments of; 0 where it can not.
std::int64_t few_channels_moment_tiles(const Conv2dArgs&);
/// Queues it, of elements of T.
template <class T>
void few_channels(const Conv2dArgs&, void* scratch, StreamHandle);

}  // namespace mien::cuda
