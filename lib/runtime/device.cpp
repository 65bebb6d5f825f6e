#include "lib/runtime/device.h"

#include <atomic>

#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

std::atomic<Device> chosen{kCpu};

}  // namespace

const DeviceApi& device_api(Device device) {
  MIEN_CHECK(device.type == DeviceType::cpu && device.index == 0, DeviceError, "device ", device,
             ": this build of mien has no CUDA backend; use the CPU");
  return cpu_device_api();
}

Device default_device() { return chosen.load(std::memory_order_relaxed); }

void set_default_device(Device device) {
  device_api(device);
  chosen.store(device, std::memory_order_relaxed);
}

}  // namespace mien
