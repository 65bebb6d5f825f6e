#include "lib/runtime/device.h"

#include <atomic>

#include "kernels/cuda/api.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

std::atomic<Device> chosen{kCpu};

}  // namespace

const DeviceApi& device_api(Device device) {
  if (device == kCpu) return cpu_device_api();
  MIEN_CHECK(device.type == DeviceType::cuda, DeviceError, "device ", device, ": there is one CPU");
  const int there = cuda_devices();
  MIEN_CHECK(there > 0, DeviceError, "device ", device, ": ", why_no_cuda(), "; use the CPU");
  MIEN_CHECK(device.index < there, DeviceError, "device ", device, ": this machine has ", there,
             there == 1 ? " CUDA device" : " CUDA devices");
  use_cuda(device.index);
  return cuda_device_api();
}

StreamHandle current_stream(Device device) {
  if (device.type == DeviceType::cpu) return nullptr;
  use_cuda(device.index);
  return cuda_stream();
}

Device default_device() { return chosen.load(std::memory_order_relaxed); }

void set_default_device(Device device) {
  device_api(device);
  chosen.store(device, std::memory_order_relaxed);
}

}  // namespace mien
