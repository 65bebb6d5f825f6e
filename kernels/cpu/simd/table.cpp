#include "kernels/cpu/simd/table.h"

#include "kernels/cpu/simd/kernels.h"

namespace mien::cpu::MIEN_ISA {

void fill(KernelTable& f32) {
  f32.affine_warp = affine_warp;
  f32.axpy = axpy;
  f32.dropout = dropout;
  f32.batch_norm = batch_norm;
  f32.batch_norm_grad = batch_norm_grad;
  f32.gemm_scratch = gemm_scratch;
  f32.gemm = gemm;
  f32.conv2d_plan = conv2d_plan;
  f32.conv2d_pack = conv2d_pack;
  f32.conv2d = conv2d;
  f32.conv2d_name = conv2d_name;
  f32.reduce = reduce;
}

}  // namespace mien::cpu::MIEN_ISA
