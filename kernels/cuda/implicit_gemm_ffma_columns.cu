// Exact implicit GEMMs of columns: products of a transposed matrix, gradients of
// convolutions' weights.
#include "kernels/cuda/implicit_gemm_ffma_launch.cuh"

namespace mien::cuda {

template void launch_ffma(const GemmJob&, TileKind, bool, const PatchColumns<float>&,
                          const Columns<float>&, const Store<float>&, const Sum&);
template void launch_ffma(const GemmJob&, TileKind, bool, const Columns<float>&,
                          const Columns<float>&, const Store<float>&, const Sum&);
template void launch_ffma(const GemmJob&, TileKind, bool, const Columns<float>&, const Rows<float>&,
                          const Store<float>&, const Sum&);

}  // namespace mien::cuda
