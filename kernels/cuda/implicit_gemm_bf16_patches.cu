// Implicit GEMMs in bf16 of patches: plain products of a matrix as it lies, forward
// convolutions and gradients of their inputs.
#include "kernels/cuda/implicit_gemm_bf16_launch.cuh"

namespace mien::cuda {

template void launch_bf16(const GemmJob&, TileKind, const Patches<bf16>&, const Columns<bf16>&,
                          const Store<bf16>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Patches<bf16>&, const Columns<bf16>&,
                          const Store<float>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Patches<bf16>&, const Rows<bf16>&,
                          const Store<bf16>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Patches<bf16>&, const Rows<bf16>&,
                          const Store<float>&, const Sum&);

}  // namespace mien::cuda
