#include "kernels/cuda/api.h"

#include "kernels/cuda/rt.h"

namespace mien {
namespace {

// A block of the device per segment; its bytes are taken from the device at once, so that a small
// segment wastes little.
constexpr std::size_t kSegment = std::size_t(64) << 20;

void copy_on(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  cuda::copy(to, from, bytes, cuda::Direction::on_device, stream);
}
void copy_from_host(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  cuda::copy(to, from, bytes, cuda::Direction::to_device, stream);
}
void copy_to_host(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  cuda::copy(to, from, bytes, cuda::Direction::to_host, stream);
  cuda::synchronize(stream);
}
void zero(void* to, std::size_t bytes, StreamHandle stream) {
  cuda::set_bytes(to, 0, bytes, stream);
}

}  // namespace

bool cuda_built() { return true; }
int cuda_devices() { return cuda::device_count(); }
bool cuda_emulated() { return cuda_devices() > 0 && cuda::properties().emulated; }
std::string why_no_cuda() { return cuda::why_no_device(); }
std::string cuda_name(int index) {
  cuda::use_device(index);
  return cuda::properties().name;
}
void set_cuda_waits(bool wait) { cuda::set_launches_wait(wait); }
bool cuda_waits() { return cuda::launches_wait(); }
void use_cuda(int index) { cuda::use_device(index); }
StreamHandle cuda_stream() { return cuda::work_stream(); }

const DeviceApi& cuda_device_api() {
  static constexpr DeviceApi api{.allocate = cuda::allocate,
                                 .release = cuda::release,
                                 .segment = kSegment,
                                 .discard = [](void*, std::size_t) {},
                                 .copy = copy_on,
                                 .copy_from_host = copy_from_host,
                                 .copy_to_host = copy_to_host,
                                 .zero = zero,
                                 .write = cuda::write,
                                 .free_memory = cuda::free_memory,
                                 .allocate_pinned = cuda::allocate_pinned,
                                 .release_pinned = cuda::release_pinned,
                                 .copy_stream = cuda::copy_stream,
                                 .make_event = cuda::make_event,
                                 .release_event = cuda::release_event,
                                 .record = cuda::record,
                                 .wait_for = cuda::wait_for,
                                 .happened = cuda::happened,
                                 .synchronize_event = cuda::synchronize_event,
                                 .begin_capture = cuda::begin_capture,
                                 .end_capture = cuda::end_capture,
                                 .replay = cuda::replay,
                                 .release_graph = cuda::release_graph};
  return api;
}

}  // namespace mien
