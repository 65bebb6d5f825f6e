#pragma once

namespace bench {

/// GFLOP/s of fused multiply-adds on one core in the widest vectors that this machine and build
/// have, f32: the median of several runs of some 20 ms. 0 where mien has no vector kernels for the
/// CPU.
double fma_peak();

}  // namespace bench
