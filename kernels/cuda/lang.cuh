#pragma once

// The one file that knows both worlds: the device language as nvcc has it, and as the host's
// compiler has it on the emulated device. Kernels include this and use what is below, the plain
// words of CUDA C++ (threadIdx, __syncthreads, __shfl_xor_sync, expf, ...), and nothing else.

#ifdef __CUDACC__
#include <cuda_runtime.h>
/// Before a loop of constant length: all rounds after each other in the device's code, without a
/// loop; two in a loop; or one.
#define MIEN_UNROLL _Pragma("unroll")
#define MIEN_UNROLL_TWO _Pragma("unroll 2")
#define MIEN_NO_UNROLL _Pragma("unroll 1")
#else
#include "kernels/cuda/emulator/language.h"
#define MIEN_UNROLL
#define MIEN_UNROLL_TWO
#define MIEN_NO_UNROLL
#endif

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "kernels/cuda/rt.h"
#include "mien/base/dtype.h"

namespace mien::cuda {

#ifdef __CUDACC__
/// Throws DeviceError "<what>: <CUDA's words>" where the call failed.
void check(cudaError_t status, const char* what);
#endif

/// The block's shared memory as one struct: `Tiles& tiles = shared<Tiles>();`. A launch says its
/// size: {.shared = sizeof(Tiles)}.
template <class T>
__device__ __forceinline__ T& shared() {
#ifdef __CUDACC__
  extern __shared__ __align__(128) unsigned char shared_bytes[];
  // No code: the size stands in PTX, where tests/cuda/static.py reads it.
  asm("{ .reg .b32 shared_of_%0; }" ::"n"(sizeof(T)));
  return *reinterpret_cast<T*>(shared_bytes);
#else
  return *static_cast<T*>(emu::shared_memory(sizeof(T)));
#endif
}

/// x, which the compiler takes for a new number: what follows from it is computed here, where
/// keeping it since an earlier place would cost registers.
__device__ __forceinline__ int opaque(int x) {
#ifdef __CUDACC__
  asm volatile("" : "+r"(x));
#endif
  return x;
}

/// Copies 16 bytes to shared memory without waiting, or writes zeros where not valid (`from` is
/// not read then). Both addresses are multiples of 16. Seen by this thread after cp_wait, by others
/// after a barrier that follows it.
__device__ __forceinline__ void cp_async16(void* to, const void* from, bool valid) {
#ifdef __CUDACC__
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes)
               : "memory");
#else
  emu::copy_issue(to, from, 16, valid ? 16 : 0);
#endif
}
/// The same of 4 bytes (through the L1 cache).
__device__ __forceinline__ void cp_async4(void* to, const void* from, bool valid) {
#ifdef __CUDACC__
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  const int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(bytes)
               : "memory");
#else
  emu::copy_issue(to, from, 4, valid ? 4 : 0);
#endif
}
/// Ends a group of copies.
__device__ __forceinline__ void cp_commit() {
#ifdef __CUDACC__
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  emu::copy_commit();
#endif
}
/// Waits until at most `groups` groups of this thread are on their way.
template <int groups>
__device__ __forceinline__ void cp_wait() {
#ifdef __CUDACC__
  asm volatile("cp.async.wait_group %0;" ::"n"(groups) : "memory");
#else
  emu::copy_wait(groups);
#endif
}

/// x rounded to the nearest TF32, ties away from zero; a NaN stays one.
__device__ __forceinline__ std::uint32_t to_tf32(float x) {
#ifdef __CUDACC__
  std::uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#else
  const std::uint32_t bits = __float_as_uint(x);
  const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
  return finite ? (bits + 0x1000u) & ~0x1fffu : bits;
#endif
}

#ifdef __CUDACC__
#define MIEN_MMA(name, shape_and_types)                                 \
  asm volatile("mma.sync.aligned." shape_and_types                      \
               " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])         \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
#else
#define MIEN_MMA(name, shape_and_types) emu::multiply_fragments(emu::WarpOp::name, c, a, b)
#endif
/// c += a b of a warp: 16 x 8 by 8 x 8, TF32. Fragments (g = lane / 4, t = lane % 4): a = (g, t),
/// (g + 8, t), (g, t + 4), (g + 8, t + 4); b = (t, g), (t + 4, g); c = (g, 2t), (g, 2t + 1),
/// (g + 8, 2t), (g + 8, 2t + 1).
__device__ __forceinline__ void mma_tf32(float (&c)[4], const std::uint32_t (&a)[4],
                                         const std::uint32_t (&b)[2]) {
  MIEN_MMA(mma_tf32, "m16n8k8.row.col.f32.tf32.tf32.f32");
}
/// c += a b of a warp: 16 x 16 by 16 x 8, pairs of bf16 along k, the first in the lower half.
/// Fragments: a = (g, 2t..), (g + 8, 2t..), (g, 2t + 8..), (g + 8, 2t + 8..); b = (2t.., g),
/// (2t + 8.., g); c as mma_tf32.
__device__ __forceinline__ void mma_bf16(float (&c)[4], const std::uint32_t (&a)[4],
                                         const std::uint32_t (&b)[2]) {
  MIEN_MMA(mma_bf16, "m16n8k16.row.col.f32.bf16.bf16.f32");
}
#undef MIEN_MMA
/// Four matrices of 8 rows of 8 16-bit elements from shared memory; lane 8 i + r gives the address
/// of row r of matrix i. Lane gets of matrix i the pair (lane / 4, 2 (lane % 4)); where transposed,
/// that of the transposed matrix.
template <bool transposed>
__device__ __forceinline__ void ldmatrix_x4(std::uint32_t (&out)[4], const void* row) {
#ifdef __CUDACC__
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
  }
#else
  emu::load_matrices(out, row, transposed);
#endif
}

/// Where and how a kernel runs. `name` is what errors and the count of launches call it.
struct Launch {
  const char* name;
  StreamHandle stream;
  dim3 grid, block;
  std::size_t shared = 0;  // bytes
};

/// Queues the kernel. Throws DeviceError naming the kernel where the launch is refused.
template <class... Params, class... Args>
void launch(const Launch& how, void (*kernel)(Params...), Args&&... args) {
  static_assert((std::is_trivially_copyable_v<Params> && ...), "arguments go by value");
  static_assert((sizeof(Params) + ... + 0) <= 4096, "what a launch can carry");
  count_launch(how.name);
#ifdef __CUDACC__
  if (how.shared > 48 * 1024)
    check(
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(how.shared)),
        how.name);
  cudaLaunchConfig_t config{};
  config.gridDim = how.grid;
  config.blockDim = how.block;
  config.dynamicSmemBytes = how.shared;
  config.stream = static_cast<cudaStream_t>(how.stream);
  check(cudaLaunchKernelEx(&config, kernel, Params(std::forward<Args>(args))...), how.name);
  if (launches_wait() && !capturing(how.stream))
    check(cudaStreamSynchronize(config.stream), how.name);
#else
  emu::enqueue(how.stream, how.name,
               [how, kernel, call = std::tuple<Params...>(std::forward<Args>(args)...)] {
                 emu::run(how.name, {how.grid.x, how.grid.y, how.grid.z},
                          {how.block.x, how.block.y, how.block.z}, how.shared,
                          [&] { std::apply(kernel, call); });
               });
#endif
}

}  // namespace mien::cuda
