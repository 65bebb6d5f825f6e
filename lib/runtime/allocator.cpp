#include "lib/runtime/allocator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <vector>

#include "lib/runtime/device.h"
#include "lib/runtime/large_blocks.h"
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

// Blocks of at least this size are cut from segments, which wastes nothing but takes a search.
constexpr std::size_t kLarge = std::size_t(32) << 10;

// For memory_stats().
struct Pools {
  std::mutex mutex;
  std::vector<BlockCache*> caches;
};
Pools& all_pools() {
  static auto* const pools = new Pools;
  return *pools;
}

}  // namespace

class BlockCache {
 public:
  /// others: where what is free may be given back to make room; null for a device's own cache. What
  /// is free in a pool stays, since a captured step may use it.
  BlockCache(Device device, const DeviceApi& api, BlockCache* others)
      : api_(api), large_(api), device_(device), others_(others) {
    if (!others_) return;
    const std::lock_guard lock(all_pools().mutex);
    all_pools().caches.push_back(this);
  }
  ~BlockCache() {
    const std::lock_guard lock(all_pools().mutex);
    std::erase(all_pools().caches, this);
  }

  Device device() const { return device_; }

  void* take(std::size_t asked) {
    const std::lock_guard lock(mutex_);
    void* block = take_once(asked);
    if (!block) {
      others_ ? others_->flush_all() : flush();
      block = take_once(asked);
    }
    MIEN_CHECK(block, Error, "out of memory: ", asked, " bytes asked on ", device_, ", ",
               live_bytes_, " bytes in use by tensors",
               api_.free_memory ? concat(", ", api_.free_memory(), " bytes free") : "");
    live_bytes_ += size_of_block(asked);
    peak_bytes_ = std::max(peak_bytes_, live_bytes_);
    ++blocks_taken_;
    return block;
  }

  void give(void* block, std::size_t asked) noexcept {
    {
      const std::lock_guard lock(mutex_);
      put_back(block, asked);
      if (!abandoned_ || live_bytes_ > 0) return;
      flush();
    }
    delete this;
  }

  /// Frees everything now, or when the last block comes back; then it is gone.
  void abandon() {
    {
      const std::lock_guard lock(mutex_);
      abandoned_ = true;
      if (live_bytes_ > 0) return;
      flush();
    }
    delete this;
  }

  void flush_all() {
    const std::lock_guard lock(mutex_);
    flush();
  }
  MemoryStats stats() {
    const std::lock_guard lock(mutex_);
    const std::size_t system_calls = small_calls_ + large_.grown();
    return {.live_bytes = live_bytes_,
            .peak_bytes = peak_bytes_,
            .cached_bytes = small_cached_ + large_.cached(),
            .system_calls = system_calls,
            .hits = blocks_taken_ - system_calls};
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    peak_bytes_ = live_bytes_;
  }

 private:
  bool is_large(std::size_t asked) const { return api_.segment > 0 && asked >= kLarge; }
  std::size_t size_of_block(std::size_t asked) const {
    return is_large(asked) ? LargeBlocks::rounded(asked) : size_class(asked).bytes;
  }

  void* take_once(std::size_t asked) {
    if (is_large(asked)) return large_.take(asked);
    const SizeClass wanted = size_class(asked);
    auto& blocks = free_[std::size_t(wanted.index)];
    if (!blocks.empty()) {
      void* block = blocks.back();
      blocks.pop_back();
      small_cached_ -= wanted.bytes;
      return block;
    }
    void* block = api_.allocate(wanted.bytes);
    if (block) ++small_calls_;
    return block;
  }

  void put_back(void* block, std::size_t asked) noexcept {
    live_bytes_ -= size_of_block(asked);
    if (is_large(asked)) return large_.give(block);
    const SizeClass its = size_class(asked);
    try {
      free_[std::size_t(its.index)].push_back(block);
      small_cached_ += its.bytes;
    } catch (...) {  // no memory to remember it: give it back
      api_.release(block);
    }
  }

  void flush() {
    for (auto& blocks : free_) {
      for (void* block : blocks) api_.release(block);
      blocks.clear();
    }
    small_cached_ = 0;
    large_.flush();
  }

  const DeviceApi& api_;
  std::mutex mutex_;
  std::array<std::vector<void*>, kClasses> free_;
  LargeBlocks large_;
  std::size_t live_bytes_ = 0, peak_bytes_ = 0, small_cached_ = 0;
  std::size_t small_calls_ = 0, blocks_taken_ = 0;
  const Device device_;
  BlockCache* const others_;
  bool abandoned_ = false;
};

namespace {

// Never destroyed: tensors of static storage are released after main.
BlockCache& cache_of(Device device) {
  const DeviceApi& api = device_api(device);
  if (device == kCpu) {
    static BlockCache* const cpu = new BlockCache(kCpu, api, nullptr);
    return *cpu;
  }
  static std::mutex mutex;
  static auto& caches = *new std::array<BlockCache*, 256>{};
  const std::lock_guard lock(mutex);
  BlockCache*& cache = caches[device.index];
  if (!cache) cache = new BlockCache(device, api, nullptr);
  return *cache;
}

thread_local BlockCache* pool_now = nullptr;

}  // namespace

Block allocate(Device device, std::size_t bytes) {
  const bool pooled = pool_now && pool_now->device() == device;
  if (pooled) device_api(device);  // becomes this thread's
  BlockCache& cache = pooled ? *pool_now : cache_of(device);
  return {cache.take(bytes), &cache};
}
void deallocate(const Block& block, std::size_t bytes) noexcept {
  block.cache->give(block.begin, bytes);
}

MemoryPool::MemoryPool(Device device)
    : cache_(new BlockCache(device, device_api(device), &cache_of(device))) {}
MemoryPool::~MemoryPool() { cache_->abandon(); }
MemoryPool::Use::Use(MemoryPool& pool) : before_(pool_now) { pool_now = pool.cache_; }
MemoryPool::Use::~Use() { pool_now = before_; }
MemoryPool::Pause::Pause() : before_(pool_now) { pool_now = nullptr; }
MemoryPool::Pause::~Pause() { pool_now = before_; }

MemoryStats memory_stats(Device device) {
  MemoryStats all = cache_of(device).stats();
  Pools& pools = all_pools();
  const std::lock_guard lock(pools.mutex);
  for (BlockCache* each : pools.caches) {
    if (each->device() != device) continue;
    const MemoryStats own = each->stats();
    all.live_bytes += own.live_bytes;
    all.peak_bytes += own.peak_bytes;
    all.cached_bytes += own.cached_bytes;
    all.system_calls += own.system_calls;
    all.hits += own.hits;
  }
  return all;
}
void reset_peak_memory(Device device) { cache_of(device).reset_peak(); }
void empty_cache(Device device) { cache_of(device).flush_all(); }

}  // namespace mien
