#include "kernels/cuda/rt.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/emulator/language.h"
#include "kernels/cuda/emulator/sanitizers.h"

// The runtime of the emulated device. A stream's work is done at once, or, where Options::deferred
// says so, when something waits for it: then host code that forgets to wait is found. What CUDA
// forbids while a stream is captured is a Fault here.

namespace mien::cuda {
namespace {

using emu::Fault;
using Work = std::function<void()>;

struct Graph {
  std::vector<Work> works;
};
struct Stream {
  std::deque<Work> queue;
  std::unique_ptr<Graph> captured;  // while it is captured
};
// One record() of an event: who waits for it does not wait for a later one.
struct Point {
  Stream* stream;
  const Graph* in;  // the capture it belongs to
  bool happened = false;
};
struct Event {
  std::shared_ptr<Point> last;  // null before the first record()
};

using Blocks = std::map<const char*, std::size_t>;  // with their sizes

struct Runtime {
  std::recursive_mutex mutex;
  Stream work, copies;
  std::thread::id capturer;  // what this thread does is limited while a stream is captured
  Blocks blocks;             // of the device
  Blocks pinned;             // of the host
  std::size_t used = 0;
  Counts counts;
  bool waits = false;
};
Runtime& runtime() {
  static Runtime* const one = new Runtime;  // leaked: tensors of static storage come back to it
  return *one;
}
std::lock_guard<std::recursive_mutex> locked() { return std::lock_guard(runtime().mutex); }

void do_next(Stream& stream) {
  const Work work = std::move(stream.queue.front());
  stream.queue.pop_front();
  try {
    work();
  } catch (...) {
    stream.queue.clear();  // as a device does nothing more after an error
    throw;
  }
}

void drain(Stream& stream) {
  while (!stream.queue.empty()) do_next(stream);
}

Stream& stream_of(StreamHandle handle, const char* call) {
  if (!handle) throw Fault(concat(call, ": the legacy stream is not to be used"));
  return *static_cast<Stream*>(handle);
}

void refuse_in_capture(const char* call) {
  const Runtime& rt = runtime();
  if ((rt.work.captured || rt.copies.captured) && rt.capturer == std::this_thread::get_id())
    throw Fault(concat(call, ": not allowed while a stream is captured"));
}

void put(Stream& stream, Work work) {
  if (stream.captured) {
    stream.captured->works.push_back(std::move(work));
  } else if (emu::options().deferred && !runtime().waits) {
    stream.queue.push_back(std::move(work));
  } else {
    work();
  }
}

bool lies_in(const Blocks& blocks, const void* at, std::size_t bytes) {
  const auto* const address = static_cast<const char*>(at);
  auto after = blocks.upper_bound(address);
  if (after == blocks.begin()) return false;
  const auto& [begin, size] = *--after;
  return address + bytes <= begin + size;
}

void check_on_device(const char* call, const void* at, std::size_t bytes) {
  if (bytes > 0 && !lies_in(runtime().blocks, at, bytes))
    throw Fault(concat(call, ": ", bytes, " bytes that are not the device's"));
}
void check_on_host(const char* call, const void* at, std::size_t bytes) {
  if (bytes > 0 && lies_in(runtime().blocks, at, bytes))
    throw Fault(concat(call, ": ", bytes, " bytes that are not the host's"));
}

}  // namespace

int device_count() { return 1; }
const char* why_no_device() { return ""; }
void use_device(int) {}

const Properties& properties() {
  static const Properties emulated{.name = "emulated device",
                                   .major = 9,
                                   .minor = 0,
                                   .sms = 132,
                                   .shared_per_block = emu::kMostShared,
                                   .memory = emu::options().memory,
                                   .emulated = true};
  return emulated;
}

void* allocate(std::size_t bytes) {
  const auto lock = locked();
  refuse_in_capture("allocation");
  Runtime& rt = runtime();
  ++rt.counts.allocations;
  void* block = nullptr;
  if (rt.used + bytes > emu::options().memory || posix_memalign(&block, 256, bytes) != 0)
    return nullptr;
  emu::poison(block, bytes);
  rt.blocks[static_cast<char*>(block)] = bytes;
  rt.used += bytes;
  return block;
}

void release(void* block) {
  const auto lock = locked();
  refuse_in_capture("release of memory");
  Runtime& rt = runtime();
  drain(rt.work);
  drain(rt.copies);
  const auto at = rt.blocks.find(static_cast<char*>(block));
  if (at == rt.blocks.end()) throw Fault("release of memory that is not the device's");
  rt.used -= at->second;
  rt.blocks.erase(at);
  std::free(block);
}

std::size_t free_memory() {
  const auto lock = locked();
  return emu::options().memory - std::min(emu::options().memory, runtime().used);
}

void* allocate_pinned(std::size_t bytes) {
  const auto lock = locked();
  refuse_in_capture("allocation of pinned memory");
  void* block = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (block) runtime().pinned[static_cast<char*>(block)] = bytes;
  return block;
}

void release_pinned(void* block) {
  const auto lock = locked();
  refuse_in_capture("release of pinned memory");
  drain(runtime().work);
  drain(runtime().copies);
  if (runtime().pinned.erase(static_cast<char*>(block)) == 0)
    throw Fault("release of pinned memory that is none");
  std::free(block);
}

StreamHandle work_stream() { return &runtime().work; }
StreamHandle copy_stream() { return &runtime().copies; }

void synchronize(StreamHandle handle) {
  const auto lock = locked();
  refuse_in_capture("synchronization");
  ++runtime().counts.synchronizations;
  drain(stream_of(handle, "synchronization"));
}

void copy(void* to, const void* from, std::size_t bytes, Direction direction, StreamHandle handle) {
  const auto lock = locked();
  Stream& stream = stream_of(handle, "copy");
  ++runtime().counts.copies;
  const void* host = direction == Direction::to_host ? to : from;
  const bool waits = direction != Direction::on_device && !lies_in(runtime().pinned, host, bytes);
  if (direction != Direction::to_host) check_on_device("copy", to, bytes);
  if (direction != Direction::to_device) check_on_device("copy", from, bytes);
  if (direction != Direction::on_device) check_on_host("copy", host, bytes);
  if (waits) refuse_in_capture("copy of memory that is not pinned");
  put(stream, [to, from, bytes] {
    if (bytes > 0) std::memmove(to, from, bytes);
  });
  if (waits) {
    ++runtime().counts.synchronizations;
    drain(stream);
  }
}

void set_bytes(void* to, unsigned char value, std::size_t bytes, StreamHandle handle) {
  const auto lock = locked();
  check_on_device("memset", to, bytes);
  put(stream_of(handle, "memset"), [to, value, bytes] {
    if (bytes > 0) std::memset(to, value, bytes);
  });
}

EventHandle make_event() { return new Event; }
void release_event(EventHandle event) { delete static_cast<Event*>(event); }

void record(EventHandle handle, StreamHandle stream_handle) {
  const auto lock = locked();
  Stream& stream = stream_of(stream_handle, "record");
  const auto point = std::make_shared<Point>(Point{&stream, stream.captured.get()});
  static_cast<Event*>(handle)->last = point;
  put(stream, [point] { point->happened = true; });
}

void wait_for(StreamHandle handle, EventHandle event_handle) {
  const auto lock = locked();
  const auto point = static_cast<Event*>(event_handle)->last;
  Stream& stream = stream_of(handle, "wait");
  if ((point ? point->in : nullptr) != stream.captured.get())
    throw Fault("wait: of the event and the stream only one belongs to a capture");
  if (!point) return;
  put(stream, [point] {
    while (!point->happened && !point->stream->queue.empty()) do_next(*point->stream);
  });
}

bool happened(EventHandle handle) {
  const auto lock = locked();
  refuse_in_capture("query of an event");
  const auto& point = static_cast<Event*>(handle)->last;
  if (point) drain(*point->stream);  // a device gets on while the host asks
  return true;
}

void synchronize_event(EventHandle handle) {
  const auto lock = locked();
  refuse_in_capture("synchronization with an event");
  ++runtime().counts.synchronizations;
  const auto& point = static_cast<Event*>(handle)->last;
  if (point) drain(*point->stream);
}

double seconds_between(EventHandle, EventHandle) { return 0; }

void begin_capture(StreamHandle handle) {
  const auto lock = locked();
  Stream& stream = stream_of(handle, "capture");
  refuse_in_capture("capture");
  drain(stream);
  stream.captured = std::make_unique<Graph>();
  runtime().capturer = std::this_thread::get_id();
}

GraphHandle end_capture(StreamHandle handle) {
  const auto lock = locked();
  Stream& stream = stream_of(handle, "end of capture");
  if (!stream.captured) throw Fault("end of capture: the stream is not captured");
  return stream.captured.release();
}

void replay(GraphHandle handle, StreamHandle stream_handle) {
  const auto lock = locked();
  refuse_in_capture("replay");
  ++runtime().counts.replays;
  const auto* graph = static_cast<const Graph*>(handle);
  for (const Work& work : graph->works) put(stream_of(stream_handle, "replay"), work);
}

void release_graph(GraphHandle handle) {
  const auto lock = locked();
  drain(runtime().work);
  delete static_cast<Graph*>(handle);
}

bool capturing(StreamHandle handle) {
  const auto lock = locked();
  return handle && static_cast<Stream*>(handle)->captured;
}

// To sanitizers, which take ten times as long, orders look alike: they get forward and reverse, and
// the last has all else at once.
int behaviours() { return emu::kSanitized ? 3 : 9; }

void choose_behaviour(int which) {
  using emu::Order;
  const auto lock = locked();
  emu::Options& options = emu::options();
  const bool last = emu::kSanitized && which == 2;
  options.order = which == 0 || which == 7 ? Order::forward
                  : which == 1             ? Order::reverse
                                           : Order::random;
  options.seed = unsigned(which);
  options.late_copies = which != 7 && !last;
  options.deferred = which == 8 || last;
}

Counts counts() {
  const auto lock = locked();
  return runtime().counts;
}
void count_launch(const char*) {
  const auto lock = locked();
  ++runtime().counts.launches;
}

bool launches_wait() { return runtime().waits; }
void set_launches_wait(bool wait) {
  const auto lock = locked();
  runtime().waits = wait;
}

}  // namespace mien::cuda

namespace mien::emu {

void enqueue(void* stream, const char* kernel, std::function<void()> work) {
  const auto lock = cuda::locked();
  cuda::put(cuda::stream_of(stream, kernel), std::move(work));
}

}  // namespace mien::emu
