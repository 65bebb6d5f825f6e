// The matrix product of Eigen, compiled once per instruction set with -DMIEN_ISA=<isa> and Eigen's
// namespace renamed to Eigen_<isa>. It must use nothing inline but Eigen itself: see gemm_eigen.h.

// Threads are ours (parallel_run). Without the shortcut for small products, whose order of summing
// depends on the address of the result, the bits follow from the sizes alone.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 0

#include <Eigen/Core>

#include "kernels/cpu/gemm_eigen.h"

#define MIEN_JOIN_(a, b) a##b
#define MIEN_JOIN(a, b) MIEN_JOIN_(a, b)

namespace mien::cpu {
namespace {

template <class T>
void add_product(const GemmBlock<T>& b) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Stride = Eigen::OuterStride<>;
  using In = Eigen::Map<const Matrix, Eigen::Unaligned, Stride>;
  const In a(b.a, b.trans_a ? b.k : b.m, b.trans_a ? b.m : b.k, Stride(b.lda));
  const In c(b.c, b.trans_c ? b.n : b.k, b.trans_c ? b.k : b.n, Stride(b.ldc));
  Eigen::Map<Matrix, Eigen::Unaligned, Stride> y(b.y, b.m, b.n, Stride(b.ldy));
  if (b.trans_a && b.trans_c) {
    y.noalias() += a.transpose() * c.transpose();
  } else if (b.trans_a) {
    y.noalias() += a.transpose() * c;
  } else if (b.trans_c) {
    y.noalias() += a * c.transpose();
  } else {
    y.noalias() += a * c;
  }
}

}  // namespace

// Eigen would ask the CPU for its caches and block the sums by them: fixed sizes give the same bits
// on all machines. 32 KiB, 1 MiB, 8 MiB suit most.
void MIEN_JOIN(gemm_setup_, MIEN_ISA)() { Eigen::setCpuCacheSizes(32 << 10, 1 << 20, 8 << 20); }
void MIEN_JOIN(gemm_add_, MIEN_ISA)(const GemmBlock<float>& block) { add_product(block); }
void MIEN_JOIN(gemm_add_, MIEN_ISA)(const GemmBlock<double>& block) { add_product(block); }

}  // namespace mien::cpu
