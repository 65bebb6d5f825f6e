#pragma once

#include "kernels/device_api.h"
#include "mien/base/device.h"

namespace mien {

/// Functions of a device. Throws DeviceError where this build or machine does not have it.
const DeviceApi& device_api(Device device);

/// The queue that this thread's work on a device goes to; nullptr on the CPU. The CUDA device
/// becomes the one that this thread calls.
StreamHandle current_stream(Device device);

}  // namespace mien
