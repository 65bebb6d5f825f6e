#pragma once

namespace bench {

/// GFLOP/s of fused multiply-adds on one core in the widest vectors that this machine and build
/// have, f32: the best of several short runs. 0 where mien has no vector kernels for the CPU.
double fma_peak();

}  // namespace bench
