#pragma once

#include <string>

#include "kernels/api.h"
#include "kernels/cuda/rt.h"

// The CUDA backend as the rest of mien sees it; plain C++, and there in every build:
// without_cuda.cpp stands in where MIEN_CUDA is OFF.

namespace mien {

/// Whether this build has CUDA kernels, real or emulated.
bool cuda_built();
/// Devices that work here; 0 without CUDA in the build, a driver or a device.
int cuda_devices();
/// Whether the devices are the emulator's.
bool cuda_emulated();
/// Why there is none, for people.
std::string why_no_cuda();

/// What people call the device, such as "NVIDIA H100 80GB HBM3".
std::string cuda_name(int index);
/// Whether every launch waits for its end, so that an error is found at its kernel; off at first.
void set_cuda_waits(bool wait);
bool cuda_waits();

/// From now on this thread's calls below go to this device.
void use_cuda(int index);
const DeviceApi& cuda_device_api();
StreamHandle cuda_stream();
/// f32 is full, bf16 holds what activations need, i32 and u8 what storage needs, f64 nothing:
/// devices are slow in it.
const KernelTable& cuda_kernels(DType dtype);

}  // namespace mien
