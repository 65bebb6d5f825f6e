#pragma once

#include <cstddef>
#include <cstdint>

#include "mien/base/device.h"

namespace mien {

/// Queue of device work; the CPU has none and passes nullptr.
using StreamHandle = void*;

/// A point in a stream, and a captured one.
using EventHandle = void*;
using GraphHandle = void*;

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
  /// A few words of the host, at most kSmall of them; they are taken at the call, which waits for
  /// nothing.
  static constexpr int kSmall = 16;
  void (*write)(std::uint32_t* to, const std::uint32_t* words, int n, StreamHandle stream);
  /// Bytes that the device still has; null where nobody can say.
  std::size_t (*free_memory)();

  // What only devices with streams have; null on the CPU.
  /// Memory of the host from which copy_from_host does not wait.
  void* (*allocate_pinned)(std::size_t bytes);
  void (*release_pinned)(void* block);
  /// For copies beside the work; current_stream() is for work.
  StreamHandle (*copy_stream)();
  EventHandle (*make_event)();
  void (*release_event)(EventHandle event);
  void (*record)(EventHandle event, StreamHandle stream);
  void (*wait_for)(StreamHandle stream, EventHandle event);  // the stream waits
  bool (*happened)(EventHandle event);
  void (*synchronize_event)(EventHandle event);  // the host waits
  /// From begin to end, this thread's work in the stream is kept instead of done.
  void (*begin_capture)(StreamHandle stream);
  GraphHandle (*end_capture)(StreamHandle stream);
  void (*replay)(GraphHandle graph, StreamHandle stream);
  void (*release_graph)(GraphHandle graph);
};

/// The CPU's.
const DeviceApi& cpu_device_api();

}  // namespace mien
