// Implicit GEMMs in bf16 of columns: products of a transposed matrix, gradients of
// convolutions' weights.
#include "kernels/cuda/implicit_gemm_bf16_launch.cuh"

namespace mien::cuda {

template void launch_bf16(const GemmJob&, TileKind, const PatchColumns<bf16>&, const Columns<bf16>&,
                          const Store<float>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Columns<bf16>&, const Columns<bf16>&,
                          const Store<bf16>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Columns<bf16>&, const Columns<bf16>&,
                          const Store<float>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Columns<bf16>&, const Rows<bf16>&,
                          const Store<bf16>&, const Sum&);
template void launch_bf16(const GemmJob&, TileKind, const Columns<bf16>&, const Rows<bf16>&,
                          const Store<float>&, const Sum&);

}  // namespace mien::cuda
