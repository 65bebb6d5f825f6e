#include "kernels/cpu/simd/table.h"

#include "kernels/cpu/simd/kernels.h"

namespace mien::cpu::MIEN_ISA {

void fill(KernelTable& f32) { f32.axpy = axpy; }

}  // namespace mien::cpu::MIEN_ISA
