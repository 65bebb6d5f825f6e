#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/device_api.h"

// The calls of the CUDA runtime that mien uses: rt_cuda.cu has them from CUDA,
// emulator/rt_emulated.cpp from the emulated device. All but the counts belong to the device that
// use_device() chose for this thread. They throw DeviceError with the runtime's own words.

namespace mien::cuda {

struct Properties {
  char name[64];
  int major, minor;              // compute capability
  int sms;                       // multiprocessors
  std::size_t shared_per_block;  // bytes a block may ask for
  std::size_t memory;            // bytes in all
  bool emulated;
};

/// Devices that work here; 0 where the machine has no driver or no device.
int device_count();
/// Why device_count() is 0, for people.
const char* why_no_device();
void use_device(int index);
const Properties& properties();

/// Returns nullptr where the device has not so much left.
void* allocate(std::size_t bytes);
void release(void* block);
/// Bytes that are free on the device, as the driver sees it.
std::size_t free_memory();
/// Memory of the host that copies without waiting may use.
void* allocate_pinned(std::size_t bytes);
void release_pinned(void* block);

/// Streams are made once and never destroyed: the device's one for work, one for copies.
StreamHandle work_stream();
StreamHandle copy_stream();
/// Waits for all work of a stream.
void synchronize(StreamHandle stream);

enum class Direction : std::uint8_t { on_device, to_device, to_host };
/// Queued; where the host's memory is not pinned, the host waits.
void copy(void* to, const void* from, std::size_t bytes, Direction direction, StreamHandle stream);
void set_bytes(void* to, unsigned char value, std::size_t bytes, StreamHandle stream);
/// DeviceApi::write; in write.cu.
void write(std::uint32_t* to, const std::uint32_t* words, int n, StreamHandle stream);

EventHandle make_event();
void release_event(EventHandle event);
void record(EventHandle event, StreamHandle stream);
void wait_for(StreamHandle stream, EventHandle event);  // the stream waits, not the host
bool happened(EventHandle event);
void synchronize_event(EventHandle event);
double seconds_between(EventHandle from, EventHandle to);  // both happened

/// From begin to end, what goes into the stream is not done but kept.
void begin_capture(StreamHandle stream);
GraphHandle end_capture(StreamHandle stream);
void replay(GraphHandle graph, StreamHandle stream);
void release_graph(GraphHandle graph);
bool capturing(StreamHandle stream);

/// In how many ways this device may run the same program: 1 for a real one. The emulated device has
/// several orders of threads and blocks, late and early cp.async, streams that run late. Chosen one
/// by one by tests, while nothing runs; 0 at first.
int behaviours();
void choose_behaviour(int which);

/// What was asked of the device since the start of the program.
struct Counts {
  std::uint64_t launches = 0, allocations = 0, synchronizations = 0, copies = 0, replays = 0;
};
Counts counts();
void count_launch(const char* kernel);

/// Whether every launch waits for its end, so that an error is found at its kernel; off at first.
bool launches_wait();
void set_launches_wait(bool wait);

}  // namespace mien::cuda
