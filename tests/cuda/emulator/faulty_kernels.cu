#include <algorithm>

#include "kernels/cuda/lang.cuh"
#include "tests/cuda/emulator/planted.h"
#include "tests/support/device_vector.h"

// Where a sanitizer is to report a fault, the line ends with the fault's name in brackets.

namespace mien::planted {
namespace {

using namespace cuda;

std::vector<float> small_numbers(std::size_t n, unsigned seed) {
  std::vector<float> out(n);
  for (float& each : out) {
    seed = seed * 1664525u + 1013904223u;
    each = float(int(seed >> 28) - 8);  // sums of products stay exact in any order
  }
  return out;
}

// c = a b, row by row. a: [rows, depth], b: [depth, columns].
std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, int rows,
                           int columns, int depth) {
  std::vector<float> c(std::size_t(rows * columns), 0.0f);
  for (int i = 0; i < rows; ++i)
    for (int k = 0; k < depth; ++k)
      for (int j = 0; j < columns; ++j)
        c[std::size_t(i * columns + j)] +=
            a[std::size_t(i * depth + k)] * b[std::size_t(k * columns + j)];
  return c;
}

enum class Bug {
  none,
  no_second_barrier,
  row_guard,
  lax_wait,
  no_barrier_before_mma,
  never_waited,
  no_barrier_after_shuffle,
  early_return,
  same_value,
  no_syncwarp,
  one_output,
  one_output_before_barrier,
  two_operations,
  lane_left_out,
  half_a_matrix,
  unwritten_shared,
  misaligned_store,
  past_inner_array,
  past_shared,
  misaligned_copy,
  copy_outside,
  small_launch,
};

// ---- a product by square tiles ----

constexpr int kTile = 16;
struct Tiles {
  float a[kTile][kTile], b[kTile][kTile];
};

template <Bug bug>
__global__ void __launch_bounds__(kTile* kTile)
    tiled_product(int rows, int columns, int depth, const float* a, const float* b, float* c) {
  Tiles& tiles = shared<Tiles>();
  const int y = int(threadIdx.y), x = int(threadIdx.x);
  const int row = int(blockIdx.y) * kTile + y, column = int(blockIdx.x) * kTile + x;
  float sum = 0;
  for (int k = 0; k < depth; k += kTile) {
    tiles.a[y][x] = row < rows && k + x < depth ? a[row * depth + k + x] : 0.0f;
    const bool valid = k + y < depth && column < columns;
    tiles.b[y][x] = valid ? b[(k + y) * columns + column] : 0.0f;  // [no_second_barrier]
    __syncthreads();
    for (int i = 0; i < kTile; ++i) sum += tiles.a[y][i] * tiles.b[i][x];  // [no_second_barrier]
    if constexpr (bug != Bug::no_second_barrier) __syncthreads();
  }
  const bool in = bug == Bug::row_guard ? row <= rows : row < rows;
  if (in && column < columns) c[row * columns + column] = sum;  // [row_guard]
}

template <Bug bug>
Result run_tiled_product() {
  constexpr int rows = 19, columns = 23, depth = 40;
  const auto a = small_numbers(rows * depth, 1), b = small_numbers(depth * columns, 2);
  const DeviceVector<float> on_a(a), on_b(b), on_c(rows * columns);
  launch({.name = "tiled_product",
          .stream = work_stream(),
          .grid = {2, 2},
          .block = {kTile, kTile},
          .shared = sizeof(Tiles)},
         tiled_product<bug>, rows, columns, depth, on_a.data(), on_b.data(), on_c.data());
  return {on_c.read(), product(a, b, rows, columns, depth)};
}

// ---- a product by tensor cores, three stages of asynchronous copies ----

constexpr int kStages = 3, kDepth = 8;  // of one mma_tf32
struct Stages {
  float a[kStages][16][kDepth], b[kStages][kDepth][16];
};

__device__ void copy_stage(Stages& stages, int stage, int depth, const float* a, const float* b) {
  const int t = int(threadIdx.x), k = stage * kDepth;
  const bool valid = k < depth;
  const int i = stage % kStages;
  if (t < 32)
    cp_async16(&stages.a[i][t / 2][t % 2 * 4], a + t / 2 * depth + k + t % 2 * 4, valid);
  else
    cp_async16(&stages.b[i][(t - 32) / 4][t % 4 * 4], b + (k + (t - 32) / 4) * 16 + t % 4 * 4,
               valid);
  cp_commit();
}

// Two warps, each with half of the 16 columns.
template <Bug bug>
__global__ void __launch_bounds__(64)
    pipelined_product(int depth, const float* a, const float* b, float* c) {
  Stages& stages = shared<Stages>();
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32, g = lane / 4, t = lane % 4;
  float sum[4] = {};
  copy_stage(stages, 0, depth, a, b);
  copy_stage(stages, 1, depth, a, b);
  const int steps = depth / kDepth;
  for (int step = 0; step < steps; ++step) {
    if constexpr (bug != Bug::never_waited) cp_wait<(bug == Bug::lax_wait ? 2 : 1)>();
    if constexpr (bug != Bug::no_barrier_before_mma) __syncthreads();
    const auto& ta = stages.a[step % kStages];
    const auto& tb = stages.b[step % kStages];
    std::uint32_t fa[4], fb[2];
    for (int i = 0; i < 4; ++i) {
      const float& from = ta[g + i % 2 * 8][t + i / 2 * 4];
      fa[i] = to_tf32(from);  // [no_barrier_before_mma] [lax_wait]
    }
    for (int i = 0; i < 2; ++i) {
      const float& from = tb[t + i * 4][warp * 8 + g];
      fb[i] = to_tf32(from);  // [no_barrier_before_mma] [lax_wait]
    }
    mma_tf32(sum, fa, fb);
    copy_stage(stages, step + 2, depth, a, b);
  }
  if constexpr (bug != Bug::never_waited) cp_wait<0>();
  for (int i = 0; i < 4; ++i) c[(g + i / 2 * 8) * 16 + warp * 8 + 2 * t + i % 2] = sum[i];
}

template <Bug bug>
Result run_pipelined_product() {
  constexpr int depth = 7 * kDepth;
  const auto a = small_numbers(16 * depth, 3), b = small_numbers(depth * 16, 4);
  const DeviceVector<float> on_a(a), on_b(b), on_c(16 * 16);
  launch({.name = "pipelined_product",
          .stream = work_stream(),
          .grid = {1},
          .block = {64},
          .shared = sizeof(Stages)},
         pipelined_product<bug>, depth, on_a.data(), on_b.data(), on_c.data());
  return {on_c.read(), product(a, b, 16, 16, depth)};
}

// ---- sums of rows by shuffles ----

struct Partials {
  float of_warp[8];
};

template <Bug bug>
__global__ void __launch_bounds__(256) row_sum(int columns, const float* x, float* y) {
  Partials& partials = shared<Partials>();
  const int t = int(threadIdx.x);
  if (bug == Bug::early_return && t == 7) return;
  float sum = 0;
  for (int i = t; i < columns; i += 256) sum += x[int(blockIdx.x) * columns + i];
  for (int other = 16; other > 0; other /= 2) sum += __shfl_xor_sync(~0u, sum, other);
  if (t % 32 == 0) partials.of_warp[t / 32] = sum;  // [no_barrier_after_shuffle]
  if constexpr (bug != Bug::no_barrier_after_shuffle) __syncthreads();
  if (bug != Bug::same_value && t > 0) return;
  sum = 0;
  for (int i = 0; i < 8; ++i) sum += partials.of_warp[i];  // [no_barrier_after_shuffle]
  y[blockIdx.x] = sum;                                     // [same_value]
}

template <Bug bug>
Result run_row_sum() {
  constexpr int rows = 3, columns = 300;
  const auto x = small_numbers(rows * columns, 5);
  const DeviceVector<float> on_x(x), on_y(rows);
  launch({.name = "row_sum",
          .stream = work_stream(),
          .grid = {rows},
          .block = {256},
          .shared = sizeof(Partials)},
         row_sum<bug>, columns, on_x.data(), on_y.data());
  return {on_y.read(), product(x, std::vector<float>(columns, 1.0f), rows, 1, columns)};
}

// ---- what lanes and blocks hand to each other ----

struct Lanes {
  float value[32], last[4];
};

template <Bug bug>
__global__ void __launch_bounds__(32) exchange(const float* x, float* y) {
  Lanes& lanes = shared<Lanes>();
  const unsigned lane = threadIdx.x, next = (lane + 1) % 32;
  const bool skips = bug == Bug::unwritten_shared && lane == 9;
  if (!skips) lanes.value[lane] = x[lane];  // [no_syncwarp]
  if constexpr (bug != Bug::no_syncwarp) __syncwarp();
  float sum = lanes.value[next];  // [no_syncwarp]
  if constexpr (bug == Bug::past_inner_array) {
    sum += lanes.value[lane + 1];  // [past_inner_array]
  }
  if constexpr (bug == Bug::past_shared) {
    float* last = lanes.last;
    last[lane / 4] = 0;  // [past_shared]
  }
  if (bug == Bug::two_operations && lane > 15)
    sum += float(__ballot_sync(~0u, 0));
  else
    sum += __shfl_sync(bug == Bug::lane_left_out ? ~4u : ~0u, x[lane], int(next));
  y[lane] = sum;
}

template <Bug bug>
Result run_exchange() {
  const auto x = small_numbers(32, 6);
  const DeviceVector<float> on_x(x), on_y(32);
  launch({.name = "exchange",
          .stream = work_stream(),
          .grid = {1},
          .block = {32},
          .shared = bug == Bug::small_launch ? sizeof(Lanes) - 4 : sizeof(Lanes)},
         exchange<bug>, on_x.data(), on_y.data());
  Result result{on_y.read(), {}};
  for (std::size_t i = 0; i < 32; ++i) result.expected.push_back(2 * x[(i + 1) % 32]);
  return result;
}

template <Bug bug>
__global__ void __launch_bounds__(32) write_blocks(float* y) {
  const bool late = bug != Bug::one_output_before_barrier;
  const unsigned at = bug == Bug::none ? blockIdx.x : blockIdx.x / 2 * 2;
  if (!late && threadIdx.x == 0) y[at] = float(blockIdx.x);  // [one_output_before_barrier]
  __syncthreads();
  __syncwarp();
  if (late && threadIdx.x == 0) y[at] = float(blockIdx.x);  // [one_output]
}

template <Bug bug>
Result run_write_blocks() {
  const DeviceVector<float> on_y(std::vector<float>(4, -1.0f));
  launch({.name = "write_blocks", .stream = work_stream(), .grid = {4}, .block = {32}},
         write_blocks<bug>, on_y.data());
  // Of the faulty one, what blocks in order would write: only another order shows the fault.
  if constexpr (bug == Bug::none) return {on_y.read(), {0, 1, 2, 3}};
  return {on_y.read(), {1, -1, 3, -1}};
}

// ---- addresses ----

template <Bug bug>
__global__ void __launch_bounds__(32) copy_rows(const float* x, float* y) {
  Lanes& lanes = shared<Lanes>();
  const int lane = int(threadIdx.x);
  if (lane < 8) {
    void* to = &lanes.value[lane * 4];
    if constexpr (bug == Bug::copy_outside) to = y + lane * 4;
    cp_async16(to, x + lane * 4 + (bug == Bug::misaligned_copy ? 1 : 0), true);
    cp_commit();
    cp_wait<0>();
    const float* in = &lanes.value[lane * 4];
    auto* out = reinterpret_cast<float4*>(y + lane * 4 + (bug == Bug::misaligned_store ? 1 : 0));
    *out = make_float4(in[0], in[1], in[2], in[3]);  // [misaligned_store]
  }
  __syncwarp();
  std::uint32_t unused[4];
  ldmatrix_x4<false>(unused, &lanes.value[lane % 8 * 4]);
}

template <Bug bug>
Result run_copy_rows() {
  const auto x = small_numbers(40, 7);
  const DeviceVector<float> on_x(x), on_y(32 + (bug == Bug::misaligned_store ? 4 : 0));
  launch({.name = "copy_rows",
          .stream = work_stream(),
          .grid = {1},
          .block = {bug == Bug::half_a_matrix ? 16u : 32u},
          .shared = sizeof(Lanes)},
         copy_rows<bug>, on_x.data(), on_y.data());
  return {on_y.read(), {x.begin(), x.begin() + 32}};
}

}  // namespace

const std::vector<Planted>& all() {
  static const std::vector<Planted> table = {
      {"no_second_barrier", run_tiled_product<Bug::no_second_barrier>, run_tiled_product<Bug::none>,
       Finder::numbers},
      {"row_guard", run_tiled_product<Bug::row_guard>, run_tiled_product<Bug::none>,
       Finder::sanitizer},
      {"lax_wait", run_pipelined_product<Bug::lax_wait>, run_pipelined_product<Bug::none>,
       Finder::numbers},
      {"no_barrier_before_mma", run_pipelined_product<Bug::no_barrier_before_mma>,
       run_pipelined_product<Bug::none>, Finder::numbers},
      {"never_waited", run_pipelined_product<Bug::never_waited>, run_pipelined_product<Bug::none>,
       Finder::emulator, "a thread exits with cp.async copies that it never waited for"},
      {"no_barrier_after_shuffle", run_row_sum<Bug::no_barrier_after_shuffle>,
       run_row_sum<Bug::none>, Finder::numbers},
      {"early_return", run_row_sum<Bug::early_return>, run_row_sum<Bug::none>, Finder::emulator,
       "deadlock, no thread can go on, in block (0, 0, 0); 224 at __syncthreads (first 32); "
       "31 at a warp operation (first 0); 1 exited (first 7)"},
      {"same_value", run_row_sum<Bug::same_value>, run_row_sum<Bug::none>, Finder::sanitizer},
      {"no_syncwarp", run_exchange<Bug::no_syncwarp>, run_exchange<Bug::none>, Finder::numbers},
      {"unwritten_shared", run_exchange<Bug::unwritten_shared>, run_exchange<Bug::none>,
       Finder::numbers},
      {"two_operations", run_exchange<Bug::two_operations>, run_exchange<Bug::none>,
       Finder::emulator, "lanes of a warp meet in two operations"},
      {"lane_left_out", run_exchange<Bug::lane_left_out>, run_exchange<Bug::none>, Finder::emulator,
       "a lane calls a warp operation that its mask leaves out"},
      {"small_launch", run_exchange<Bug::small_launch>, run_exchange<Bug::none>, Finder::emulator,
       "the kernel uses 144 bytes of shared memory where the launch asked for 140"},
      {"past_inner_array", run_exchange<Bug::past_inner_array>, run_exchange<Bug::none>,
       Finder::sanitizer},
      {"past_shared", run_exchange<Bug::past_shared>, run_exchange<Bug::none>, Finder::sanitizer},
      {"one_output", run_write_blocks<Bug::one_output>, run_write_blocks<Bug::none>,
       Finder::numbers},
      {"one_output_before_barrier", run_write_blocks<Bug::one_output_before_barrier>,
       run_write_blocks<Bug::none>, Finder::numbers},
      {"misaligned_copy", run_copy_rows<Bug::misaligned_copy>, run_copy_rows<Bug::none>,
       Finder::emulator, "cp.async with an address that is no multiple of its size"},
      {"copy_outside", run_copy_rows<Bug::copy_outside>, run_copy_rows<Bug::none>, Finder::emulator,
       "cp.async with an address outside of the block's shared memory"},
      {"half_a_matrix", run_copy_rows<Bug::half_a_matrix>, run_copy_rows<Bug::none>,
       Finder::emulator, "a matrix operation without all 32 lanes"},
      {"misaligned_store", run_copy_rows<Bug::misaligned_store>, run_copy_rows<Bug::none>,
       Finder::sanitizer},
  };
  return table;
}

}  // namespace mien::planted
