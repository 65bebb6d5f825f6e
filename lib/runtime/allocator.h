#pragma once

#include <cstddef>

#include "mien/base/device.h"

namespace mien {

/// A block of at least this many bytes (64-byte aligned), from the cache where one of its size
/// class is free. Throws Error "out of memory: ..." naming what was asked and what is in use.
void* allocate(Device device, std::size_t bytes);
/// Returns it to the cache. bytes as asked for.
void deallocate(Device device, void* block, std::size_t bytes) noexcept;

/// A block for the duration of one kernel call.
class Scratch {
 public:
  Scratch(Device device, std::size_t bytes)
      : device_(device), bytes_(bytes), block_(bytes > 0 ? allocate(device, bytes) : nullptr) {}
  ~Scratch() {
    if (block_) deallocate(device_, block_, bytes_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* get() const { return block_; }

 private:
  Device device_;
  std::size_t bytes_;
  void* block_;
};

}  // namespace mien
