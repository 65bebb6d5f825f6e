#pragma once

namespace mien {

/// Instruction sets that kernels are compiled for, each including the ones before it.
enum class Isa { base, avx2, avx512 };

/// The best that this CPU and operating system run and this build has.
Isa best_isa();
/// The one in use; at first the best.
Isa active_isa();
void set_active_isa(Isa isa);

}  // namespace mien
