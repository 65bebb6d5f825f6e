#include "kernels/device_api.h"

#include <cstdlib>
#include <cstring>

namespace mien {
namespace {

constexpr std::size_t kAlignment = 64;

void* allocate(std::size_t bytes) {
  return std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
}
void copy(void* to, const void* from, std::size_t bytes, StreamHandle) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void zero(void* to, std::size_t bytes, StreamHandle) {
  if (bytes > 0) std::memset(to, 0, bytes);
}

}  // namespace

const DeviceApi& cpu_device_api() {
  static constexpr DeviceApi api{.allocate = allocate,
                                 .release = std::free,
                                 .copy = copy,
                                 .copy_from_host = copy,
                                 .copy_to_host = copy,
                                 .zero = zero};
  return api;
}

}  // namespace mien
