#include "kernels/device_api.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#ifdef __has_feature
#define MIEN_HAS_FEATURE(feature) __has_feature(feature)
#else
#define MIEN_HAS_FEATURE(feature) 0
#endif

namespace mien {
namespace {

constexpr std::size_t kAlignment = 64, kHugePage = std::size_t(2) << 20;

// The address sanitizer finds a write beyond a block only where each block is an allocation.
#if defined(__SANITIZE_ADDRESS__) || MIEN_HAS_FEATURE(address_sanitizer)
constexpr std::size_t kSegment = 0;
#else
constexpr std::size_t kSegment = std::size_t(1) << (sizeof(void*) > 4 ? 30 : 26);
#endif

std::size_t round_up(std::size_t bytes, std::size_t step) {
  return (bytes + step - 1) / step * step;
}

void* allocate(std::size_t bytes) {
  const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : kAlignment;
  void* block = std::aligned_alloc(alignment, round_up(bytes, alignment));
#ifdef MADV_HUGEPAGE
  // A first touch takes a page fault a page: with pages of 2 MiB a hundred of them instead of fifty
  // thousand. Where the system has none, nothing changes.
  if (block && alignment == kHugePage) madvise(block, round_up(bytes, kHugePage), MADV_HUGEPAGE);
#endif
  return block;
}

void discard(void* block, std::size_t bytes) {
#ifdef MADV_DONTNEED
  const auto page = std::uintptr_t(sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (std::uintptr_t(block) + page - 1) / page * page;
  const std::uintptr_t end = (std::uintptr_t(block) + bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
#else
  (void)block, (void)bytes;
#endif
}

void copy(void* to, const void* from, std::size_t bytes, StreamHandle) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void write(std::uint32_t* to, const std::uint32_t* words, int n, StreamHandle) {
  std::memcpy(to, words, std::size_t(n) * sizeof *to);
}
void zero(void* to, std::size_t bytes, StreamHandle) {
  if (bytes > 0) std::memset(to, 0, bytes);
}

}  // namespace

const DeviceApi& cpu_device_api() {
  static constexpr DeviceApi api = [] {
    DeviceApi cpu{};
    cpu.allocate = allocate;
    cpu.release = std::free;
    cpu.segment = kSegment;
    cpu.discard = discard;
    cpu.copy = cpu.copy_from_host = cpu.copy_to_host = copy;
    cpu.zero = zero;
    cpu.write = write;
    return cpu;
  }();
  return api;
}

}  // namespace mien
