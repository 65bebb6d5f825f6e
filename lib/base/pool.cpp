#include "mien/base/pool.h"

#include <array>
#include <bit>
#include <new>

namespace mien {
namespace {

// Steps of 64 bytes up to 2 KiB, then powers of two up to 64 KiB; what is larger goes to the
// system.
constexpr std::size_t kStep = 64, kSteps = 32, kClasses = kSteps + 6;

struct SizeClass {
  std::size_t index, bytes;
};

SizeClass size_class(std::size_t bytes) {
  const std::size_t steps = (bytes + kStep - 1) / kStep;
  if (steps <= kSteps) return {steps, steps * kStep};
  const std::size_t power = std::size_t(std::bit_width(bytes - 1));  // at least 12: above 2 KiB
  return {kSteps + power - 11, std::size_t(1) << power};
}

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
  const SizeClass wanted = size_class(bytes);
  if (wanted.index >= kClasses || lists_gone) return ::operator new(wanted.bytes);
  FreeBlock*& head = lists.heads[wanted.index];
  if (!head) return ::operator new(wanted.bytes);
  FreeBlock* block = head;
  head = block->next;
  return block;
}

void pool_give(void* block, std::size_t bytes) noexcept {
  const std::size_t index = size_class(bytes).index;
  if (index >= kClasses || lists_gone) return ::operator delete(block);
  FreeBlock*& head = lists.heads[index];
  head = new (block) FreeBlock{head};
}

}  // namespace mien
