// Implicit GEMMs in TF32 of columns: products of a transposed matrix, gradients of
// convolutions' weights.
#include "kernels/cuda/implicit_gemm_tf32_launch.cuh"

namespace mien::cuda {

template void launch_tf32(const GemmJob&, TileKind, const PatchColumns<float>&,
                          const Columns<float>&, const Store<float>&, const Sum&);
template void launch_tf32(const GemmJob&, TileKind, const Columns<float>&, const Columns<float>&,
                          const Store<float>&, const Sum&);
template void launch_tf32(const GemmJob&, TileKind, const Columns<float>&, const Rows<float>&,
                          const Store<float>&, const Sum&);

}  // namespace mien::cuda
