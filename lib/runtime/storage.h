#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "lib/runtime/allocator.h"
#include "mien/base/device.h"
#include "mien/base/ref.h"

namespace mien {

/// Counted bytes on a device.
class Storage {
 public:
  Storage(Device device, std::size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* data() const { return static_cast<std::byte*>(block_.begin); }
  std::size_t bytes() const { return bytes_; }
  Device device() const { return device_; }

  std::atomic<std::uint32_t> refs{0};
  std::atomic<std::uint32_t> version{0};  // one more for each write that autograd must know of
  std::atomic<bool> moved{false};         // its content went into an optimizer's flat buffer

 private:
  Block block_;
  std::size_t bytes_;
  Device device_;
};

void retain(Storage* storage);
void release(Storage* storage);

/// New uninitialized bytes.
Ref<Storage> make_storage(Device device, std::size_t bytes);

}  // namespace mien
