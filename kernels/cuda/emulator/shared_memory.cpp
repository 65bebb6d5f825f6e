#include <algorithm>
#include <cstdlib>

#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/emulator/sanitizers.h"

namespace mien::emu {
namespace {

constexpr std::size_t kAlignment = 128;

// malloc does not promise the alignment of a real block; its size stays exact for AddressSanitizer.
void* allocate(std::size_t bytes) {
  void* block = nullptr;
  if (posix_memalign(&block, kAlignment, std::max<std::size_t>(bytes, 1)) != 0)
    throw Fault("emulated device: no memory for a block's shared memory");
  return block;
}

}  // namespace

SharedMemory::SharedMemory(std::size_t blocks, std::size_t bytes) : bytes_(bytes) {
#ifndef MIEN_EMULATOR_TSAN
  blocks = 1;
#endif
  for (std::size_t i = 0; i < blocks; ++i) blocks_.push_back(allocate(bytes));
}

SharedMemory::~SharedMemory() {
  for (void* block : blocks_) std::free(block);
}

void* SharedMemory::of_block(std::size_t number) {
  void* block = blocks_[blocks_.size() > 1 ? number : 0];
  poison(block, bytes_);
  return block;
}

}  // namespace mien::emu
