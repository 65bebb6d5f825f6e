// The implicit GEMM of patches: plain products of a matrix as it lies, forward convolutions and
// gradients of their inputs.
#include "kernels/cuda/implicit_gemm_launch.cuh"

namespace mien::cuda {

template void implicit_gemm(const GemmJob&, const Patches<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Patches<float>&, const Rows<float>&,
                            const Store<float>&);

}  // namespace mien::cuda
