#pragma once

#include <cstddef>

namespace mien {

/// Small blocks (tensor headers, graph nodes) from per-thread free lists by size class, so that a
/// training step in its steady state does not reach the system's allocator. A block may be released
/// by another thread than the one that took it; its bytes then serve that thread.
void* pool_take(std::size_t bytes);
void pool_give(void* block, std::size_t bytes) noexcept;

}  // namespace mien
