#include "lib/runtime/allocator.h"

#include <array>
#include <bit>
#include <mutex>
#include <vector>

#include "lib/runtime/device.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

// Size classes of an eighth of a power of two: at most 12.5% of a block is unused.
constexpr int kClasses = 64 * 8;

struct SizeClass {
  int index;
  std::size_t bytes;
};

SizeClass size_class(std::size_t bytes) {
  if (bytes <= 64) return {0, 64};
  const int power = std::bit_width(bytes - 1) - 1;  // 2^power < bytes <= 2^(power+1)
  const std::size_t step = std::size_t(1) << (power - 3);
  const std::size_t eighths = (bytes - (std::size_t(1) << power) + step - 1) / step;
  return {power * 8 + int(eighths), (std::size_t(1) << power) + eighths * step};
}

class Cache {
 public:
  void* take(Device device, std::size_t asked) {
    const SizeClass wanted = size_class(asked);
    const std::lock_guard lock(mutex_);
    auto& blocks = free_[std::size_t(wanted.index)];
    void* block = nullptr;
    if (!blocks.empty()) {
      block = blocks.back();
      blocks.pop_back();
      stats_.cached_bytes -= wanted.bytes;
      ++stats_.hits;
    } else {
      const DeviceApi& api = device_api(device);
      block = api.allocate(wanted.bytes);
      if (!block) {
        flush(device);
        block = api.allocate(wanted.bytes);
      }
      MIEN_CHECK(block, Error, "out of memory: ", asked, " bytes asked on ", device, ", ",
                 stats_.live_bytes, " bytes in use by tensors");
      ++stats_.system_calls;
    }
    stats_.live_bytes += wanted.bytes;
    if (stats_.live_bytes > stats_.peak_bytes) stats_.peak_bytes = stats_.live_bytes;
    return block;
  }

  void give(Device device, void* block, std::size_t asked) noexcept {
    const SizeClass wanted = size_class(asked);
    const std::lock_guard lock(mutex_);
    stats_.live_bytes -= wanted.bytes;
    try {
      free_[std::size_t(wanted.index)].push_back(block);
      stats_.cached_bytes += wanted.bytes;
    } catch (...) {  // no memory to remember it: give it back
      device_api(device).release(block);
    }
  }

  void flush_all(Device device) {
    const std::lock_guard lock(mutex_);
    flush(device);
  }
  MemoryStats stats() {
    const std::lock_guard lock(mutex_);
    return stats_;
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    stats_.peak_bytes = stats_.live_bytes;
  }

 private:
  void flush(Device device) {
    for (auto& blocks : free_) {
      for (void* block : blocks) device_api(device).release(block);
      blocks.clear();
    }
    stats_.cached_bytes = 0;
  }

  std::mutex mutex_;
  std::array<std::vector<void*>, kClasses> free_;
  MemoryStats stats_;
};

// Never destroyed: tensors of static storage are released after main.
Cache& cache_of(Device device) {
  device_api(device);
  static Cache* const cpu = new Cache;
  return *cpu;
}

}  // namespace

void* allocate(Device device, std::size_t bytes) { return cache_of(device).take(device, bytes); }
void deallocate(Device device, void* block, std::size_t bytes) noexcept {
  cache_of(device).give(device, block, bytes);
}

MemoryStats memory_stats(Device device) { return cache_of(device).stats(); }
void reset_peak_memory(Device device) { cache_of(device).reset_peak(); }
void empty_cache(Device device) { cache_of(device).flush_all(device); }

}  // namespace mien
