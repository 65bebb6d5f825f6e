// The weight's gradient of few_channels.
#include "kernels/cuda/few_channels.cuh"

namespace mien::cuda::few {
namespace {

constexpr int kTaps = 9;        // sums of a thread, for each of its channels,
constexpr int kTapsAtOnce = 3;  // of which so many are joined at once
constexpr int kPixels = 4;      // of a line, that it reads at once

template <class T>
struct WeightPass {
  Geometry g;
  const T *x, *dy;
  float* partial;  // [part][taps][oc]
  unsigned tiles, parts;
};

// A block has one part of the tiles, `width` channels and blockDim.y groups of kTaps taps; its
// blockDim.z groups of threads share the pixels of a tile.
template <int V, class T>
__global__ void __launch_bounds__(kThreads) few_channels_weights_kernel(WeightPass<T> p) {
  const Geometry& g = p.g;
  const unsigned width = blockDim.x * V, threads = blockDim.x * blockDim.y * blockDim.z;
  const unsigned me = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const unsigned first = blockIdx.y * width, column = first + threadIdx.x * V;
  const unsigned first_tap = (blockIdx.z * blockDim.y + threadIdx.y) * kTaps;
  float* window = &shared<float>();
  int offset[kTaps];  // from the window's pixel to what a tap sees; 0 for taps that are none
  for (int t = 0; t < kTaps; ++t) {
    const unsigned tap = first_tap + unsigned(t), pixel = tap / unsigned(g.c);
    const int ky = int(pixel / unsigned(g.kw)), kx = int(pixel % unsigned(g.kw));
    const int c = int(tap % unsigned(g.c));
    offset[t] = tap < unsigned(g.taps) ? ky * g.dh * g.tiles.window_row + kx * g.dw * g.c + c : 0;
  }
  Floats<V> sums[kTaps] = {};
  const int apart = g.sw * g.c;
  const auto runs = unsigned(g.tiles.rows * g.tiles.runs * (kRun / kPixels));
  const auto begin = unsigned(std::uint64_t(p.tiles) * blockIdx.x / p.parts);
  const auto end = unsigned(std::uint64_t(p.tiles) * (blockIdx.x + 1) / p.parts);
  for (unsigned number = begin; number < end; ++number) {
    const Tile tile = tile_at(g, number);
    __syncthreads();  // all have done with the last window
    copy_window(g, p.x, tile, me, threads, window);
    __syncthreads();
    for (unsigned i = threadIdx.z; i < runs && column < unsigned(g.oc); i += blockDim.z) {
      const Run run = run_at<kPixels>(g, tile, i);
      const T* dy = p.dy + run.y + column;
      Floats<V> grad[kPixels] = {};
      for (int k = 0; k < kPixels; ++k)
        if (k < run.count) grad[k] = load_floats<V>(dy + k * g.oc);
      for (int t = 0; t < kTaps; ++t) {
        const float* from = window + run.x + offset[t];
        for (int k = 0; k < kPixels; ++k) {
          // A zero beside a zero: x may be a NaN where there is no pixel of y.
          const float pixel = k < run.count ? from[k * apart] : 0.0f;
          for (int j = 0; j < V; ++j) sums[t].at[j] += pixel * grad[k].at[j];
        }
      }
    }
  }
  // Joins the groups' sums in their order, a few taps at a time.
  float* to = p.partial + std::int64_t(blockIdx.x) * g.taps * g.oc;
  const unsigned taps = blockDim.y * kTapsAtOnce, size = taps * width;
  float* mine = window + (threadIdx.z * blockDim.y + threadIdx.y) * kTapsAtOnce * width;
  for (int begin_tap = 0; begin_tap < kTaps; begin_tap += kTapsAtOnce) {
    __syncthreads();  // all have done with what is there
    for (int t = 0; t < kTaps; ++t)
      if (t >= begin_tap && t < begin_tap + kTapsAtOnce)
        store_floats(mine + unsigned(t - begin_tap) * width + threadIdx.x * V, sums[t]);
    __syncthreads();
    for (unsigned i = me; i < size; i += threads) {
      float sum = window[i];
      for (unsigned group = 1; group < blockDim.z; ++group) sum += window[group * size + i];
      const unsigned at = i / width, channel = first + i % width;
      const unsigned tap = (blockIdx.z * blockDim.y + at / kTapsAtOnce) * kTaps +
                           unsigned(begin_tap) + at % kTapsAtOnce;
      if (tap < unsigned(g.taps) && channel < unsigned(g.oc))
        to[std::int64_t(tap) * g.oc + channel] = sum;
    }
  }
}

__global__ void __launch_bounds__(kColumnThreads)
    few_channels_sum_kernel(const float* partial, unsigned parts, unsigned size, float beta,
                            float* dw) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  Sums<1> sum{};
  for (unsigned part = threadIdx.y; part < parts && i < size; part += blockDim.y)
    sum.at[0] += partial[std::int64_t(part) * size + i];
  merge_groups(sum);
  if (threadIdx.y > 0 || i >= size) return;
  dw[i] = (beta == 0 ? 0.0f : beta * dw[i]) + sum.at[0];
}

struct WeightPlan {
  int width, lanes, chunks;
  int tap_groups, tap_chunks;  // of a block; blocks
  int groups;                  // that share a tile's pixels
  int parts;                   // of the tiles
  Tiles tiles;

  std::int64_t joined() const {  // floats
    return std::int64_t(groups) * tap_groups * kTapsAtOnce * lanes * width;
  }
};
WeightPlan weight_plan(const Conv2dArgs& a, int width) {
  WeightPlan plan{};
  plan.width = width;
  plan.lanes = std::min(width == 4 ? 16 : 32, a.oc / width);
  plan.chunks = int(divide_up(a.oc, std::int64_t(plan.lanes) * width));
  const std::int64_t taps = divide_up(std::int64_t(a.kh) * a.kw * a.c, kTaps);
  plan.tap_chunks = int(divide_up(taps, kThreads / plan.lanes));
  plan.tap_groups = int(divide_up(taps, plan.tap_chunks));
  if (plan.chunks > 65535 || plan.tap_chunks > 65535) return plan;
  plan.tiles = find_tiles(a, 0);
  const Tiles& t = plan.tiles;
  plan.groups = std::clamp(kThreads / (plan.lanes * plan.tap_groups), 1,
                           std::clamp(t.rows * t.runs * (kRun / kPixels), 1, 64));
  const std::int64_t blocks = 2 * std::int64_t(properties().sms);
  plan.parts = int(std::min(
      std::max<std::int64_t>(blocks / (std::int64_t(plan.chunks) * plan.tap_chunks), 1), t.all));
  return plan;
}

}  // namespace

bool weights_fit(const Conv2dArgs& a, int width) { return weight_plan(a, width).tiles.rows > 0; }
int weight_parts(const Conv2dArgs& a, int width) { return weight_plan(a, width).parts; }

template <class T>
void find_weights(const Conv2dArgs& a, float* scratch, StreamHandle stream) {
  const WeightPlan plan = weight_plan(a, width_of(a));
  if (plan.parts > 0) {
    const WeightPass<T> pass{.g = geometry_of(a, plan.tiles),
                             .x = static_cast<const T*>(a.x),
                             .dy = static_cast<const T*>(a.y),
                             .partial = scratch,
                             .tiles = unsigned(plan.tiles.all),
                             .parts = unsigned(plan.parts)};
    const Launch how{
        .name = "few_channels, weights",
        .stream = stream,
        .grid = dim3(unsigned(plan.parts), unsigned(plan.chunks), unsigned(plan.tap_chunks)),
        .block = dim3(unsigned(plan.lanes), unsigned(plan.tap_groups), unsigned(plan.groups)),
        .shared = std::size_t(std::max<std::int64_t>(plan.tiles.window(), plan.joined())) *
                  sizeof(float)};
    launch(how,
           plan.width == 4 ? few_channels_weights_kernel<4, T> : few_channels_weights_kernel<1, T>,
           pass);
  }
  const std::int64_t size = std::int64_t(a.kh) * a.kw * a.c * a.oc;
  const ColumnPlan merge = merge_plan(plan.parts, size);
  launch({.name = "few_channels, sum",
          .stream = stream,
          .grid = merge.grid(),
          .block = merge.block(),
          .shared = sizeof(GroupMemory<Sums<1>>)},
         few_channels_sum_kernel, static_cast<const float*>(scratch), unsigned(plan.parts),
         unsigned(size), float(a.beta), static_cast<float*>(a.weight));
}

template void find_weights<float>(const Conv2dArgs&, float*, StreamHandle);
template void find_weights<bf16>(const Conv2dArgs&, float*, StreamHandle);

}  // namespace mien::cuda::few
