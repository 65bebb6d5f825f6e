// The implicit GEMM of columns: products of a transposed matrix, gradients of convolutions'
// weights.
#include "kernels/cuda/implicit_gemm_launch.cuh"

namespace mien::cuda {

template void implicit_gemm(const GemmJob&, const PatchColumns<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<float>&, const Columns<float>&,
                            const Store<float>&);
template void implicit_gemm(const GemmJob&, const Columns<float>&, const Rows<float>&,
                            const Store<float>&);

}  // namespace mien::cuda
