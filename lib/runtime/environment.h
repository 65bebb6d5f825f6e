#pragma once

namespace mien {

/// Reads the environment variables that mien knows, once; later calls do nothing. MIEN_ISA: see
/// set_cpu_isa(); MIEN_PROFILE: see set_profiling(). Throws ValueError for a value that cannot be
/// honoured.
void apply_environment();

}  // namespace mien
