#include "lib/base/pool.h"

#include <array>
#include <new>

namespace mien {
namespace {

constexpr std::size_t kStep = 64,
                      kClasses = 32;  // pooled up to 2 KiB; rarer larger blocks go to the system

struct FreeBlock {
  FreeBlock* next;
};

struct FreeLists {
  std::array<FreeBlock*, kClasses> heads{};
  ~FreeLists();
};

// Tensors with static storage may be released after the lists of the main thread are gone.
thread_local bool lists_gone = false;
thread_local FreeLists lists;

FreeLists::~FreeLists() {
  lists_gone = true;
  for (FreeBlock* block : heads) {
    while (block) {
      FreeBlock* next = block->next;
      ::operator delete(block);
      block = next;
    }
  }
}

}  // namespace

void* pool_take(std::size_t bytes) {
  const std::size_t size_class = (bytes + kStep - 1) / kStep;
  if (size_class >= kClasses || lists_gone) return ::operator new(size_class* kStep);
  FreeBlock*& head = lists.heads[size_class];
  if (!head) return ::operator new(size_class* kStep);
  FreeBlock* block = head;
  head = block->next;
  return block;
}

void pool_give(void* block, std::size_t bytes) noexcept {
  const std::size_t size_class = (bytes + kStep - 1) / kStep;
  if (size_class >= kClasses || lists_gone) return ::operator delete(block);
  FreeBlock*& head = lists.heads[size_class];
  head = new (block) FreeBlock{head};
}

}  // namespace mien
