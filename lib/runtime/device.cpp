#include "lib/runtime/device.h"

#include <atomic>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "kernels/cuda/api.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

std::atomic<Device> chosen{kCpu};

// Whether a kernel runs there: a driver may be too old for them, a device without memory.
bool works(Device device) {
  try {
    const DeviceApi& api = device_api(device);
    const StreamHandle stream = current_stream(device);
    const std::uint32_t wanted = 0x6d69656e;
    std::uint32_t got = 0;
    void* block = api.allocate(sizeof got);
    if (!block) return false;
    api.write(static_cast<std::uint32_t*>(block), &wanted, 1, stream);
    api.copy_to_host(&got, block, sizeof got, stream);
    api.release(block);
    return got == wanted;
  } catch (const Error&) {
    return false;
  }
}

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

Device best_device() {
  static const Device best = [] {
    const Device first{DeviceType::cuda, 0};
    return cuda_devices() > 0 && !cuda_emulated() && works(first) ? first : kCpu;
  }();
  return best;
}

Device device_named(std::string_view name) {
  if (name == "auto") return best_device();
  if (name == "cpu") return kCpu;
  Device device{DeviceType::cuda, 0};
  bool known = name == "cuda";
  if (name.starts_with("cuda:")) {
    const std::string_view number = name.substr(5);
    const char* const end = number.data() + number.size();
    const auto [rest, error] = std::from_chars(number.data(), end, device.index);
    known = error == std::errc() && rest == end;
  }
  MIEN_CHECK(known, ValueError, "device must be auto, cpu, cuda or cuda:1; got '", name, "'");
  device_api(device);
  return device;
}

std::string device_text(Device device) {
  device_api(device);
  if (device == kCpu) return device.str();
  return concat(device, " (", cuda_name(device.index), ")");
}

}  // namespace mien
