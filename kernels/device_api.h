#pragma once

#include <cstddef>

#include "mien/base/device.h"

namespace mien {

/// Queue of device work; the CPU has none and passes nullptr.
using StreamHandle = void*;

/// What a device must be able to do besides computing.
struct DeviceApi {
  void* (*allocate)(std::size_t bytes);  // nullptr when out of memory; 64-byte aligned
  void (*release)(void* block);
  /// Large blocks are cut from allocations of this size where that costs nothing until the bytes
  /// are used; 0: each is allocated by itself.
  std::size_t segment;
  /// The content is no longer needed: memory below these bytes may go back to the system until they
  /// are written again.
  void (*discard)(void* block, std::size_t bytes);
  void (*copy)(void* to, const void* from, std::size_t bytes, StreamHandle stream);
  void (*copy_from_host)(void* to, const void* from, std::size_t bytes, StreamHandle stream);
  void (*copy_to_host)(void* to, const void* from, std::size_t bytes, StreamHandle stream);
  void (*zero)(void* to, std::size_t bytes, StreamHandle stream);
  /// Bytes that the device still has; null where nobody can say.
  std::size_t (*free_memory)();
};

/// The CPU's.
const DeviceApi& cpu_device_api();

}  // namespace mien
