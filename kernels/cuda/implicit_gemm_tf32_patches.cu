// Implicit GEMMs in TF32 of patches: plain products of a matrix as it lies, forward
// convolutions and gradients of their inputs.
#include "kernels/cuda/implicit_gemm_tf32_launch.cuh"

namespace mien::cuda {

template void launch_tf32(const GemmJob&, TileKind, const Patches<float>&, const Columns<float>&,
                          const Store<float>&, const Sum&);
template void launch_tf32(const GemmJob&, TileKind, const Patches<float>&, const Rows<float>&,
                          const Store<float>&, const Sum&);

}  // namespace mien::cuda
