#pragma once

#include <cstddef>

#include "kernels/device_api.h"

namespace mien::cuda {

/// Memory of this thread, on its device, for what a launcher's kernels hand to each other, 256-byte
/// aligned. It belongs to the caller until its last kernel of the work stream, where the next
/// launcher takes it over: one call per launcher, and never in two streams. Grown by a larger block
/// where needed; the smaller one is kept, since a captured graph may use it. Throws Error where the
/// device has no more memory.
void* workspace(std::size_t bytes);

}  // namespace mien::cuda
