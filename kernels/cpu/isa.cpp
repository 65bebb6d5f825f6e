#include "kernels/cpu/isa.h"

#include <atomic>

namespace mien {
namespace {

Isa detect() {
#ifdef MIEN_HAVE_X86_ISA
  __builtin_cpu_init();  // asks CPUID and, through XGETBV, whether the system saves the registers
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx2 && avx512) return Isa::avx512;
  if (avx2) return Isa::avx2;
#elif defined(MIEN_HAVE_NEON)
  return Isa::neon;  // every 64-bit ARM has it
#endif
  return Isa::base;
}

std::atomic<Isa>& active() {
  static std::atomic<Isa> isa{best_isa()};
  return isa;
}

}  // namespace

Isa best_isa() {
  static const Isa best = detect();
  return best;
}

bool runs(Isa isa) {
  return isa == Isa::base || isa == best_isa() || (isa == Isa::avx2 && best_isa() == Isa::avx512);
}

Isa active_isa() { return active().load(std::memory_order_relaxed); }
void set_active_isa(Isa isa) { active().store(isa, std::memory_order_relaxed); }

}  // namespace mien
