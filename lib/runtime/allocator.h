#pragma once

#include <cstddef>

#include "mien/base/device.h"

namespace mien {

/// Free blocks of one device, kept for the next who asks.
class BlockCache;

/// A block, and the cache that it goes back to.
struct Block {
  void* begin = nullptr;
  BlockCache* cache = nullptr;
};

/// A block of at least this many bytes (64-byte aligned), from this thread's pool for the device or
/// else from the device's cache, where one of its size class is free. Throws Error "out of memory:
/// ..." naming what was asked and what is in use.
Block allocate(Device device, std::size_t bytes);
/// Returns it to its cache. bytes as asked for.
void deallocate(const Block& block, std::size_t bytes) noexcept;

/// Memory of its own for what a captured step works with: nobody else gets its blocks, so the step
/// can be done again where it was captured. It goes back to the device when the pool and all its
/// tensors are gone.
class MemoryPool {
 public:
  explicit MemoryPool(Device device);
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// While it lives, what this thread allocates on the device comes from the pool.
  class Use {
   public:
    explicit Use(MemoryPool& pool);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    BlockCache* before_;
  };
  /// While it lives, this thread uses no pool: for what is kept longer than a step's work.
  class Pause {
   public:
    Pause();
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    BlockCache* before_;
  };

 private:
  BlockCache* cache_;
};

/// A block for the duration of one kernel call.
class Scratch {
 public:
  Scratch(Device device, std::size_t bytes) : bytes_(bytes) {
    if (bytes > 0) block_ = allocate(device, bytes);
  }
  ~Scratch() {
    if (block_.begin) deallocate(block_, bytes_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* get() const { return block_.begin; }

 private:
  std::size_t bytes_;
  Block block_;
};

}  // namespace mien
