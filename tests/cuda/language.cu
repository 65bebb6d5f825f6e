#include "tests/cuda/language.h"

#include "kernels/cuda/lang.cuh"
#include "tests/support/device_vector.h"

namespace mien::language {
namespace {

using namespace cuda;

constexpr int kWarp = 32;

Launch one_warp(const char* name, std::size_t shared = 0) {
  return {.name = name, .stream = work_stream(), .grid = {1}, .block = {kWarp}, .shared = shared};
}

__global__ void __launch_bounds__(kWarp)
    multiply_tf32(const float* a, const float* b, const float* c, float* d) {
  const int g = int(threadIdx.x) / 4, t = int(threadIdx.x) % 4;
  std::uint32_t fa[4], fb[2];
  float fc[4];
  for (int i = 0; i < 4; ++i) fa[i] = cuda::to_tf32(a[(g + i % 2 * 8) * 8 + t + i / 2 * 4]);
  for (int i = 0; i < 2; ++i) fb[i] = cuda::to_tf32(b[(t + i * 4) * 8 + g]);
  for (int i = 0; i < 4; ++i) fc[i] = c[(g + i / 2 * 8) * 8 + 2 * t + i % 2];
  cuda::mma_tf32(fc, fa, fb);
  for (int i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = fc[i];
}

__device__ std::uint32_t pair(std::uint16_t low, std::uint16_t high) {
  return std::uint32_t(low) | std::uint32_t(high) << 16;
}

__global__ void __launch_bounds__(kWarp)
    multiply_bf16(const std::uint16_t* a, const std::uint16_t* b, const float* c, float* d) {
  const int g = int(threadIdx.x) / 4, t = int(threadIdx.x) % 4;
  std::uint32_t fa[4], fb[2];
  float fc[4];
  for (int i = 0; i < 4; ++i) {
    const std::uint16_t* at = a + (g + i % 2 * 8) * 16 + 2 * t + i / 2 * 8;
    fa[i] = pair(at[0], at[1]);
  }
  for (int i = 0; i < 2; ++i) {
    const std::uint16_t* at = b + (2 * t + i * 8) * 8 + g;
    fb[i] = pair(at[0], at[8]);
  }
  for (int i = 0; i < 4; ++i) fc[i] = c[(g + i / 2 * 8) * 8 + 2 * t + i % 2];
  cuda::mma_bf16(fc, fa, fb);
  for (int i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = fc[i];
}

struct alignas(16) Matrices {
  std::uint16_t rows[32][8];
};

template <bool transposed>
__global__ void __launch_bounds__(kWarp)
    load_matrices(const std::uint16_t* matrices, std::uint32_t* out) {
  Matrices& shared_matrices = shared<Matrices>();
  const int lane = int(threadIdx.x);
  for (int i = 0; i < 8; ++i) shared_matrices.rows[lane][i] = matrices[lane * 8 + i];
  __syncwarp();
  std::uint32_t words[4];
  ldmatrix_x4<transposed>(words, shared_matrices.rows[lane]);
  for (int i = 0; i < 4; ++i) out[lane * 4 + i] = words[i];
}

__global__ void __launch_bounds__(kWarp)
    round_tf32(int n, const std::uint32_t* x, std::uint32_t* y) {
  for (int i = int(threadIdx.x); i < n; i += kWarp) y[i] = cuda::to_tf32(__uint_as_float(x[i]));
}

constexpr int kCopyThreads = 64, kStages = 3;
struct Stages {
  alignas(16) float part[kStages][kCopyThreads][4];
};

// Two stages are on their way while a third is read, by another thread than the one that copied.
template <int size>
__global__ void __launch_bounds__(kCopyThreads)
    copy_stages(int count, int skips, const float* x, float* y) {
  constexpr int words = size / 4;
  Stages& stages = shared<Stages>();
  const int t = int(threadIdx.x), other = kCopyThreads - 1 - t;
  const auto issue = [&](int stage) {
    if (stage < count) {
      const int number = stage * kCopyThreads + t;
      float* to = stages.part[stage % kStages][t];
      if constexpr (size == 16)
        cp_async16(to, x + number * words, number % skips != 0);
      else
        cp_async4(to, x + number * words, number % skips != 0);
    }
    cp_commit();
  };
  issue(0);
  issue(1);
  for (int stage = 0; stage < count; ++stage) {
    cp_wait<1>();
    __syncthreads();
    issue(stage + 2);
    for (int i = 0; i < words; ++i)
      y[(stage * kCopyThreads + other) * words + i] = stages.part[stage % kStages][other][i];
  }
  cp_wait<0>();
}

__global__ void __launch_bounds__(kWarp) hand_around(int* got, unsigned* votes) {
  const int lane = int(threadIdx.x);
  got[lane] = __shfl_sync(~0u, lane, lane + 5);
  got[32 + lane] = __shfl_xor_sync(~0u, lane, 9);
  got[64 + lane] = __shfl_down_sync(~0u, lane, 3);
  got[96 + lane] = -1;
  if (lane >= 12 && lane < 20) got[96 + lane] = __shfl_xor_sync(0xff000u, lane, 1);
  votes[lane] = __ballot_sync(~0u, lane % 3 == 0);
}

__global__ void number_threads(int* out) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const unsigned number = block * (blockDim.x * blockDim.y * blockDim.z) + thread;
  out[number] = int(number);
}

__global__ void __launch_bounds__(kWarp) sum_shared(int words, float* out) {
  float* all = &shared<float>();
  for (int i = int(threadIdx.x); i < words; i += kWarp) all[i] = float(i);
  __syncthreads();
  if (threadIdx.x > 0) return;
  float sum = 0;
  for (int i = 0; i < words; ++i) sum += all[i];
  *out = sum;
}

__global__ void do_words(std::uint32_t a, std::uint32_t b, std::uint32_t* out) {
  out[0] = __umulhi(a, b);
  out[1] = __float_as_uint(__uint_as_float(a));
}
__global__ void do_functions(float x, float* out) {
  out[0] = expf(x);
  out[1] = logf(x);
  out[2] = tanhf(x);
  out[3] = sqrtf(x);
  out[4] = rsqrtf(x);
}

template <class T>
std::vector<T> part(const std::vector<T>& all, int number) {
  return {all.begin() + number * kWarp, all.begin() + (number + 1) * kWarp};
}

}  // namespace

std::vector<float> mma_tf32(const std::vector<float>& a, const std::vector<float>& b,
                            const std::vector<float>& c) {
  const DeviceVector<float> on_a(a), on_b(b), on_c(c), on_d(c.size());
  launch(one_warp("multiply_tf32"), multiply_tf32, on_a.data(), on_b.data(), on_c.data(),
         on_d.data());
  return on_d.read();
}

std::vector<float> mma_bf16(const std::vector<std::uint16_t>& a,
                            const std::vector<std::uint16_t>& b, const std::vector<float>& c) {
  const DeviceVector<std::uint16_t> on_a(a), on_b(b);
  const DeviceVector<float> on_c(c), on_d(c.size());
  launch(one_warp("multiply_bf16"), multiply_bf16, on_a.data(), on_b.data(), on_c.data(),
         on_d.data());
  return on_d.read();
}

std::vector<std::uint32_t> ldmatrix(const std::vector<std::uint16_t>& matrices, bool transposed) {
  const DeviceVector<std::uint16_t> in(matrices);
  const DeviceVector<std::uint32_t> out(32 * 4);
  launch(one_warp("load_matrices", sizeof(Matrices)),
         transposed ? load_matrices<true> : load_matrices<false>, in.data(), out.data());
  return out.read();
}

std::vector<std::uint32_t> to_tf32(const std::vector<std::uint32_t>& floats) {
  const DeviceVector<std::uint32_t> x(floats), y(floats.size());
  launch(one_warp("round_tf32"), round_tf32, int(floats.size()), x.data(), y.data());
  return y.read();
}

std::vector<float> copy_async(const std::vector<float>& x, int size, int skips) {
  const DeviceVector<float> from(x), to(x.size());
  const int count = int(x.size()) * 4 / size / kCopyThreads;
  launch({.name = "copy_stages",
          .stream = work_stream(),
          .grid = {1},
          .block = {kCopyThreads},
          .shared = sizeof(Stages)},
         size == 16 ? copy_stages<16> : copy_stages<4>, count, skips, from.data(), to.data());
  return to.read();
}

Lanes lanes() {
  const DeviceVector<int> got(4 * kWarp);
  const DeviceVector<unsigned> votes(kWarp);
  launch(one_warp("hand_around"), hand_around, got.data(), votes.data());
  const std::vector<int> all = got.read();
  return {part(all, 0), part(all, 1), part(all, 2), part(all, 3), votes.read()};
}

std::vector<int> numbers(std::array<unsigned, 3> blocks, std::array<unsigned, 3> threads) {
  std::size_t count = 1;
  for (const auto& each : {blocks, threads}) count *= std::size_t(each[0]) * each[1] * each[2];
  const DeviceVector<int> out(count);
  launch({.name = "number_threads",
          .stream = work_stream(),
          .grid = dim3(blocks[0], blocks[1], blocks[2]),
          .block = dim3(threads[0], threads[1], threads[2])},
         number_threads, out.data());
  return out.read();
}

float sum_in_shared(int words) {
  const DeviceVector<float> out(1);
  launch(one_warp("sum_shared", std::size_t(words) * sizeof(float)), sum_shared, words, out.data());
  return out.read()[0];
}

std::vector<std::uint32_t> words(std::uint32_t a, std::uint32_t b) {
  const DeviceVector<std::uint32_t> out(2);
  launch({.name = "do_words", .stream = work_stream(), .grid = {1}, .block = {1}}, do_words, a, b,
         out.data());
  return out.read();
}

std::vector<float> functions(float x) {
  const DeviceVector<float> out(5);
  launch({.name = "do_functions", .stream = work_stream(), .grid = {1}, .block = {1}}, do_functions,
         x, out.data());
  return out.read();
}

}  // namespace mien::language
