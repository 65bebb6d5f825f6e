#pragma once

#include <cstdint>

// The border to gemm_eigen.cpp, which is compiled once per instruction set: plain structs and
// functions only, since an inline function used on both sides would be kept in one copy, and it may
// be the one for a CPU that is not there.

namespace mien::cpu {

/// y += op(a) op(c), row-major with row strides (ld*, in elements). y is m x n; a is m x k (k x m
/// where trans_a), c is k x n (n x k where trans_c).
template <class T>
struct GemmBlock {
  std::int64_t m, n, k;
  bool trans_a, trans_c;
  const T* a;
  std::int64_t lda;
  const T* c;
  std::int64_t ldc;
  T* y;
  std::int64_t ldy;
};

// gemm_setup_* comes first, once, and only where the CPU runs that instruction set.
#define MIEN_DECLARE_GEMM(isa)                  \
  void gemm_setup_##isa();                      \
  void gemm_add_##isa(const GemmBlock<float>&); \
  void gemm_add_##isa(const GemmBlock<double>&)

MIEN_DECLARE_GEMM(base);
MIEN_DECLARE_GEMM(avx2);
MIEN_DECLARE_GEMM(avx512);

#undef MIEN_DECLARE_GEMM

}  // namespace mien::cpu
