#pragma once

#include <cstddef>

namespace mien {

/// Small blocks (tensor headers, graph nodes, short lists) from per-thread free lists by size
/// class, so that a training step in its steady state does not reach the system's allocator. A
/// block may be released by another thread than the one that took it; its bytes then serve that
/// thread. Aligned as by operator new. Throws std::bad_alloc.
void* pool_take(std::size_t bytes);
/// bytes as asked for.
void pool_give(void* block, std::size_t bytes) noexcept;

/// Lets a standard container take its memory there.
/// ```cpp
/// std::vector<int, PoolAllocator<int>> numbers;
/// ```
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(pool_take(n * sizeof(T))); }
  void deallocate(T* block, std::size_t n) noexcept { pool_give(block, n * sizeof(T)); }
  bool operator==(const PoolAllocator&) const { return true; }
};

}  // namespace mien
