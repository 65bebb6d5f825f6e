#pragma once

#include "kernels/api.h"

// Puts the kernels of this folder over the portable ones, entry by entry.

namespace mien::cpu {

namespace avx2 {
void fill(KernelTable& f32);
}
namespace avx512 {
void fill(KernelTable& f32);
}
namespace neon {
void fill(KernelTable& f32);
}

}  // namespace mien::cpu
