#include <cstring>
#include <thread>

#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/lang.cuh"
#include "tests/support/catch.h"
#include "tests/support/device_vector.h"

// The emulated runtime: what CUDA would refuse is refused, and what CUDA need not have done yet is
// not done.

namespace mien {
namespace {

using namespace cuda;
using emu::Fault;

__global__ void write_one(float* y) { y[0] = 1; }
void launch_write(StreamHandle stream, float* y, unsigned block = 1, std::size_t shared = 0,
                  unsigned grid = 1) {
  launch(
      {.name = "write_one", .stream = stream, .grid = {grid}, .block = {block}, .shared = shared},
      write_one, y);
}

// Memory of the host that copies need not wait for.
struct Pinned {
  float* data = static_cast<float*>(allocate_pinned(sizeof(float)));
  Pinned() { *data = 0; }
  ~Pinned() { release_pinned(data); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
};

// Options of the device, as they were before.
struct KeptOptions {
  const emu::Options before = emu::options();
  ~KeptOptions() { emu::options() = before; }
};

TEST_CASE("deferred streams do their work only when something waits", "[cuda]") {
  const KeptOptions kept;
  const DeviceVector<float> y(std::vector<float>{5});
  const Pinned host;
  emu::options().deferred = true;
  launch_write(work_stream(), y.data());
  copy(host.data, y.data(), sizeof(float), Direction::to_host, work_stream());
  CHECK(*host.data == 0);
  synchronize(work_stream());
  CHECK(*host.data == 1);
}

TEST_CASE("a stream that does not wait for another's event reads too early", "[cuda]") {
  const KeptOptions kept;
  const DeviceVector<float> y(std::vector<float>{5});
  const Pinned host;
  emu::options().deferred = true;
  const EventHandle written = make_event();
  launch_write(work_stream(), y.data());
  record(written, work_stream());
  copy(host.data, y.data(), sizeof(float), Direction::to_host, copy_stream());
  synchronize(copy_stream());
  CHECK(*host.data == 5);
  wait_for(copy_stream(), written);
  copy(host.data, y.data(), sizeof(float), Direction::to_host, copy_stream());
  synchronize(copy_stream());
  CHECK(*host.data == 1);
  release_event(written);
}

TEST_CASE("a wait is for the event as it was recorded then, not for a later record", "[cuda]") {
  const KeptOptions kept;
  const DeviceVector<float> y(std::vector<float>{5});
  const Pinned host;
  emu::options().deferred = true;
  const EventHandle event = make_event();
  record(event, work_stream());
  wait_for(copy_stream(), event);
  launch_write(work_stream(), y.data());
  record(event, work_stream());
  copy(host.data, y.data(), sizeof(float), Direction::to_host, copy_stream());
  synchronize(copy_stream());
  CHECK(*host.data == 5);
  release_event(event);
}

TEST_CASE("the fault of a deferred kernel comes out of what waits for it", "[cuda]") {
  const KeptOptions kept;
  const DeviceVector<float> y(1);
  emu::options().deferred = true;
  launch_write(work_stream(), y.data(), 1025);
  REQUIRE_THROWS_AS(synchronize(work_stream()), Fault);
  synchronize(work_stream());
}

TEST_CASE("what CUDA forbids during a capture is a fault", "[cuda]") {
  const DeviceVector<float> y(std::vector<float>{5});
  const Pinned host;
  float unpinned = 0;
  const EventHandle before = make_event(), within = make_event();
  record(before, work_stream());
  begin_capture(work_stream());
  record(within, work_stream());
  CHECK_THROWS_WITH(synchronize(work_stream()),
                    "synchronization: not allowed while a stream is captured");
  CHECK_THROWS_AS(allocate(4), Fault);
  CHECK_THROWS_AS(release(y.data()), Fault);
  CHECK_THROWS_AS(allocate_pinned(4), Fault);
  CHECK_THROWS_AS(release_pinned(host.data), Fault);
  CHECK_THROWS_WITH(copy(&unpinned, y.data(), sizeof(float), Direction::to_host, work_stream()),
                    "copy of memory that is not pinned: not allowed while a stream is captured");
  CHECK_THROWS_WITH(launch_write(nullptr, y.data()),
                    "write_one: the legacy stream is not to be used");
  CHECK_THROWS_AS(happened(before), Fault);
  CHECK_THROWS_AS(synchronize_event(before), Fault);
  CHECK_THROWS_AS(wait_for(work_stream(), before), Fault);
  CHECK_THROWS_AS(wait_for(copy_stream(), within), Fault);
  CHECK_THROWS_AS(begin_capture(copy_stream()), Fault);
  CHECK_NOTHROW(wait_for(work_stream(), within));
  CHECK_NOTHROW(copy(host.data, y.data(), sizeof(float), Direction::to_host, work_stream()));
  release_graph(end_capture(work_stream()));
  release_event(before);
  release_event(within);
}

TEST_CASE("another thread may pin memory and copy during a capture", "[cuda]") {
  const DeviceVector<float> y(1);
  begin_capture(work_stream());
  std::thread loader([&] {
    const Pinned host;
    copy(y.data(), host.data, sizeof(float), Direction::to_device, copy_stream());
    synchronize(copy_stream());
  });
  loader.join();
  release_graph(end_capture(work_stream()));
  REQUIRE(y.read()[0] == 0);
}

TEST_CASE("a captured kernel runs when its graph is replayed, and not before", "[cuda]") {
  const DeviceVector<float> y(std::vector<float>{5});
  begin_capture(work_stream());
  launch_write(work_stream(), y.data());
  CHECK(capturing(work_stream()));
  const GraphHandle graph = end_capture(work_stream());
  CHECK(y.read()[0] == 5);
  replay(graph, work_stream());
  CHECK(y.read()[0] == 1);
  release_graph(graph);
  REQUIRE_THROWS_AS(end_capture(work_stream()), Fault);
}

TEST_CASE("launches beyond a device's limits are faults with the kernel's name", "[cuda]") {
  const DeviceVector<float> y(1);
  const StreamHandle stream = work_stream();
  CHECK_THROWS_WITH(launch_write(stream, y.data(), 1025),
                    "write_one on the emulated device: invalid block (1025, 1, 1)");
  CHECK_THROWS_AS(launch_write(stream, y.data(), 0), Fault);
  CHECK_THROWS_WITH(launch_write(stream, y.data(), 1, 227 * 1024 + 1),
                    "write_one on the emulated device: 232449 bytes of shared memory asked for");
  CHECK_NOTHROW(launch_write(stream, y.data(), 1, 227 * 1024));
  CHECK_THROWS_AS(launch_write(stream, y.data(), 1, 0, 0), Fault);
}

TEST_CASE("the device's memory has an end, and is given back only once", "[cuda]") {
  const KeptOptions kept;
  emu::options().memory = emu::options().memory - free_memory() + 1000;
  REQUIRE(free_memory() == 1000);
  void* const block = allocate(900);
  CHECK(block);
  CHECK(free_memory() == 100);
  CHECK(allocate(101) == nullptr);
  release(block);
  CHECK(free_memory() == 1000);
  CHECK_THROWS_WITH(release(block), "release of memory that is not the device's");
  float foreign = 0;
  CHECK_THROWS_AS(release(&foreign), Fault);
  CHECK_THROWS_AS(release_pinned(&foreign), Fault);
}

TEST_CASE("copies between the wrong memories are faults", "[cuda]") {
  const DeviceVector<float> y(2);
  const StreamHandle stream = work_stream();
  float host[3] = {};
  CHECK_THROWS_WITH(copy(y.data(), host, 12, Direction::to_device, stream),
                    "copy: 12 bytes that are not the device's");
  CHECK_THROWS_AS(copy(host, host, 4, Direction::to_device, stream), Fault);
  CHECK_THROWS_WITH(copy(y.data(), y.data() + 1, 4, Direction::to_host, stream),
                    "copy: 4 bytes that are not the host's");
  CHECK_THROWS_AS(set_bytes(host, 0, 4, stream), Fault);
  CHECK_THROWS_AS(set_bytes(y.data(), 0, 12, stream), Fault);
}

TEST_CASE("memory that no one wrote is NaN, on the device and in a block", "[cuda]") {
  const DeviceVector<float> y(3);
  for (const float each : y.read()) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &each, sizeof bits);
    REQUIRE(bits == emu::kPoison);
    REQUIRE(each != each);
  }
}

}  // namespace
}  // namespace mien
