#include <cstring>

#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/emulator/sanitizers.h"

// cp.async as the thread that issued it sees it: the one file of the emulator that ThreadSanitizer
// watches.

namespace mien::emu {

void land_copy(void* to, const void* from, int bytes, int valid) {
  auto* words = static_cast<std::uint32_t*>(to);
  const auto* source = static_cast<const std::uint32_t*>(from);
  for (int i = 0; i < bytes / 4; ++i) words[i] = i < valid / 4 ? source[i] : 0;
}

void land_poison(void* to, int bytes) {
  auto* words = static_cast<std::uint32_t*>(to);
  for (int i = 0; i < bytes / 4; ++i) words[i] = kPoison;
}

}  // namespace mien::emu
