#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "kernels/cuda/lang.cuh"
#include "mien/base/error.h"

// The runtime of a real device; see rt.h.

namespace mien::cuda {
namespace {

struct AtomicCounts {
  std::atomic<std::uint64_t> launches{0}, allocations{0}, synchronizations{0}, copies{0},
      replays{0};
};
AtomicCounts asked;
std::atomic<bool> waits{false};

cudaStream_t native(StreamHandle stream) { return static_cast<cudaStream_t>(stream); }
cudaEvent_t native_event(EventHandle event) { return static_cast<cudaEvent_t>(event); }

struct PerDevice {
  Properties properties{};
  StreamHandle work = nullptr, copies = nullptr;
};

Properties read_properties(int index) {
  cudaDeviceProp from{};
  check(cudaGetDeviceProperties(&from, index), "cudaGetDeviceProperties");
  Properties out{};
  std::memcpy(out.name, from.name, std::min(std::strlen(from.name), sizeof out.name - 1));
  out.major = from.major;
  out.minor = from.minor;
  out.sms = from.multiProcessorCount;
  out.shared_per_block = from.sharedMemPerBlockOptin;
  out.memory = from.totalGlobalMem;
  return out;
}

StreamHandle make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
  return stream;
}

// Found out when a thread first uses the device, since that takes of its memory; never destroyed,
// as the driver goes first.
const PerDevice& this_device() {
  static std::mutex mutex;
  static auto& known = *new std::map<int, PerDevice>;
  int index = 0;
  check(cudaGetDevice(&index), "cudaGetDevice");
  const std::lock_guard lock(mutex);
  const auto at = known.find(index);
  if (at != known.end()) return at->second;
  return known[index] = {read_properties(index), make_stream(), make_stream()};
}

struct Found {
  int count = 0;
  std::string why;
};
const Found& found() {
  static const Found once = [] {
    Found out;
    const cudaError_t status = cudaGetDeviceCount(&out.count);
    if (status != cudaSuccess) {
      out.count = 0;
      out.why = cudaGetErrorString(status);
    } else if (out.count == 0) {
      out.why = "no device";
    }
    return out;
  }();
  return once;
}

}  // namespace

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // the next call starts clean, where the device can go on at all
  throw DeviceError(concat("CUDA, ", what, ": ", cudaGetErrorString(status)));
}

int device_count() { return found().count; }
const char* why_no_device() { return found().why.c_str(); }
void use_device(int index) { check(cudaSetDevice(index), "cudaSetDevice"); }
const Properties& properties() { return this_device().properties; }

void* allocate(std::size_t bytes) {
  ++asked.allocations;
  void* block = nullptr;
  const cudaError_t status = cudaMalloc(&block, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(status, "cudaMalloc");
  return block;
}
void release(void* block) { cudaFree(block); }  // also after an error, which was reported before

std::size_t free_memory() {
  std::size_t free_bytes = 0, all = 0;
  check(cudaMemGetInfo(&free_bytes, &all), "cudaMemGetInfo");
  return free_bytes;
}

void* allocate_pinned(std::size_t bytes) {
  void* block = nullptr;
  check(cudaMallocHost(&block, bytes), "cudaMallocHost");
  return block;
}
void release_pinned(void* block) { cudaFreeHost(block); }

StreamHandle work_stream() { return this_device().work; }
StreamHandle copy_stream() { return this_device().copies; }

void synchronize(StreamHandle stream) {
  ++asked.synchronizations;
  check(cudaStreamSynchronize(native(stream)), "waiting for the stream");
}

void copy(void* to, const void* from, std::size_t bytes, Direction direction, StreamHandle stream) {
  if (bytes == 0) return;
  ++asked.copies;
  constexpr cudaMemcpyKind kinds[] = {cudaMemcpyDeviceToDevice, cudaMemcpyHostToDevice,
                                      cudaMemcpyDeviceToHost};
  check(cudaMemcpyAsync(to, from, bytes, kinds[int(direction)], native(stream)), "copy");
  if (direction == Direction::on_device) return;
  const void* host = direction == Direction::to_host ? to : from;
  cudaPointerAttributes attributes{};
  check(cudaPointerGetAttributes(&attributes, host), "cudaPointerGetAttributes");
  if (attributes.type == cudaMemoryTypeUnregistered) synchronize(stream);
}

void set_bytes(void* to, unsigned char value, std::size_t bytes, StreamHandle stream) {
  if (bytes > 0) check(cudaMemsetAsync(to, value, bytes, native(stream)), "memset");
}

EventHandle make_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  return event;
}
void release_event(EventHandle event) { cudaEventDestroy(native_event(event)); }
void record(EventHandle event, StreamHandle stream) {
  check(cudaEventRecord(native_event(event), native(stream)), "cudaEventRecord");
}
void wait_for(StreamHandle stream, EventHandle event) {
  check(cudaStreamWaitEvent(native(stream), native_event(event), 0), "cudaStreamWaitEvent");
}
bool happened(EventHandle event) {
  const cudaError_t status = cudaEventQuery(native_event(event));
  if (status == cudaErrorNotReady) {
    cudaGetLastError();
    return false;
  }
  check(status, "cudaEventQuery");
  return true;
}
void synchronize_event(EventHandle event) {
  ++asked.synchronizations;
  check(cudaEventSynchronize(native_event(event)), "waiting for an event");
}
double seconds_between(EventHandle from, EventHandle to) {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, native_event(from), native_event(to)),
        "cudaEventElapsedTime");
  return double(milliseconds) / 1000;
}

void begin_capture(StreamHandle stream) {
  check(cudaStreamBeginCapture(native(stream), cudaStreamCaptureModeThreadLocal), "capture");
}
GraphHandle end_capture(StreamHandle stream) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(native(stream), &graph), "end of capture");
  cudaGraphExec_t runnable = nullptr;
  const cudaError_t status = cudaGraphInstantiate(&runnable, graph, 0);
  cudaGraphDestroy(graph);
  check(status, "cudaGraphInstantiate");
  return runnable;
}
void replay(GraphHandle graph, StreamHandle stream) {
  ++asked.replays;
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), native(stream)), "cudaGraphLaunch");
}
void release_graph(GraphHandle graph) { cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)); }
bool capturing(StreamHandle stream) {
  cudaStreamCaptureStatus status{};
  check(cudaStreamIsCapturing(native(stream), &status), "cudaStreamIsCapturing");
  return status != cudaStreamCaptureStatusNone;
}

int behaviours() { return 1; }
void choose_behaviour(int) {}

Counts counts() {
  return {asked.launches, asked.allocations, asked.synchronizations, asked.copies, asked.replays};
}
void count_launch(const char*) { asked.launches.fetch_add(1, std::memory_order_relaxed); }

bool launches_wait() { return waits.load(std::memory_order_relaxed); }
void set_launches_wait(bool wait) { waits = wait; }

}  // namespace mien::cuda
