#pragma once

namespace mien {

/// Instruction sets that kernels are compiled for; on one CPU each includes the ones before it.
enum class Isa { base, avx2, avx512, neon };
inline constexpr int kIsas = 4;

/// Whether this CPU, operating system and build run it.
bool runs(Isa isa);
/// The best that this CPU and operating system run and this build has.
Isa best_isa();
/// The one in use; at first the best.
Isa active_isa();
void set_active_isa(Isa isa);

}  // namespace mien
