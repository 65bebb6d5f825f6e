#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

// For the one file of a test program that includes it: counts what the C++ heap is asked for. Both
// kinds of new, since a sanitizer has its own of what is not replaced, and minds a delete that is
// not.

namespace mien {

/// Calls of global operator new so far.
inline std::atomic<std::size_t> news{0};

}  // namespace mien

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++mien::news;
  return std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new(std::size_t bytes) {
  if (void* memory = operator new(bytes, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
