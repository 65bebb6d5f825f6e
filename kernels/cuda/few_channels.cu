#include "kernels/cuda/few_channels.cuh"
#include "kernels/cuda/moments.cuh"

namespace mien::cuda {
namespace {

using namespace few;

constexpr int kMostChannels = 4;
constexpr int kWeightFloats = 8 * 1024;  // of them in shared memory, at most

template <class T>
struct ForwardPass {
  Geometry g;
  const T *x, *weight;
  const float* bias;
  T* y;
  TileMoments moments;  // of y, or null
};

// Of the first `count` of them.
template <int V>
__device__ __forceinline__ Moments<V> moments_of_run(const Floats<V> (&values)[kRun], int count) {
  Moments<V> m{};
  const float share = 1.0f / float(count < kRun ? count : kRun);
  for (int j = 0; j < V; ++j) {
    float sum = 0, squares = 0;
    for (int i = 0; i < kRun; ++i) sum += i < count ? values[i].at[j] : 0.0f;
    const float mean = sum * share;
    for (int i = 0; i < kRun; ++i) {
      const float apart = i < count ? values[i].at[j] - mean : 0.0f;
      squares += apart * apart;
    }
    m.at[j] = mean;
    m.at[V + j] = squares;
  }
  m.at[2 * V] = float(count < kRun ? count : kRun);
  return m;
}

// step: from a pixel of a run to the next in the window, or 0 where it is to be computed.
template <int V, int step, class T>
__global__ void __launch_bounds__(kThreads, 2) few_channels_kernel(ForwardPass<T> p) {
  const Geometry& g = p.g;
  const unsigned width = blockDim.x * V, threads = blockDim.x * blockDim.y;
  const unsigned me = threadIdx.y * blockDim.x + threadIdx.x;
  const unsigned first = blockIdx.y * width;  // of the block's channels
  float* weights = &shared<float>();          // [taps][width]
  float* window = weights + unsigned(g.taps) * width;
  const Tile tile = tile_at(g, blockIdx.x);
  for (unsigned i = me; i < unsigned(g.taps) * width; i += threads) {
    const unsigned tap = i / width, column = first + i % width;
    weights[i] = column < unsigned(g.oc) ? as_float(p.weight[tap * unsigned(g.oc) + column]) : 0.0f;
  }
  copy_window(g, p.x, tile, me, threads, window);
  __syncthreads();

  const unsigned column = first + threadIdx.x * V;
  const bool has_columns = column < unsigned(g.oc);
  Floats<V> bias{};
  if (p.bias && has_columns)
    for (int j = 0; j < V; ++j) bias.at[j] = p.bias[column + unsigned(j)];
  const int apart = step > 0 ? step : g.sw * g.c;
  const auto runs = has_columns ? unsigned(g.tiles.rows * g.tiles.runs) : 0;
  Moments<V> found{};
  for (unsigned number = threadIdx.y; number < runs; number += blockDim.y) {
    const Run run = run_at<kRun>(g, tile, number);
    if (run.count <= 0) continue;
    Floats<V> sums[kRun];
    for (int i = 0; i < kRun; ++i) sums[i] = bias;
    const float* weight = weights + threadIdx.x * V;
    for (int ky = 0; ky < g.kh; ++ky) {
      const float* line = window + run.x + ky * g.dh * g.tiles.window_row;
      for (int kx = 0; kx < g.kw; ++kx, line += (g.dw - 1) * g.c) {
        for (int c = 0; c < g.c; ++c, ++line, weight += width) {
          const Floats<V> w = load_floats<V>(weight);
          for (int i = 0; i < kRun; ++i) {
            const float pixel = line[i * apart];
            for (int j = 0; j < V; ++j) sums[i].at[j] += pixel * w.at[j];
          }
        }
      }
    }
    T* y = p.y + run.y + column;
    for (int i = 0; i < kRun; ++i)
      if (i < run.count) store_floats(y + i * g.oc, sums[i]);
    if (p.moments.at) found.merge(moments_of_run(sums, run.count));
  }
  if (!p.moments.at) return;
  __syncthreads();  // weights and window, whose place the merge takes, are read
  merge_groups(found);
  if (threadIdx.y == 0 && has_columns) p.moments.put(blockIdx.x, column, column == 0, found);
}

struct ForwardPlan {
  int width, lanes, chunks;
  Tiles tiles;

  std::int64_t weights(const Conv2dArgs& a) const {
    return std::int64_t(a.kh) * a.kw * a.c * lanes * width;
  }
};
ForwardPlan forward_plan(const Conv2dArgs& a, int width) {
  ForwardPlan plan{.width = width, .lanes = width == 4 ? 16 : 32, .chunks = 0, .tiles = {}};
  plan.lanes = std::min(plan.lanes, a.oc / width);
  while (plan.lanes > 1 && plan.weights(a) > kWeightFloats) plan.lanes /= 2;
  plan.chunks = int(divide_up(a.oc, std::int64_t(plan.lanes) * width));
  if (plan.weights(a) < kSharedFloats && plan.chunks <= 65535)
    plan.tiles = find_tiles(a, int(plan.weights(a)));
  return plan;
}

template <class T>
void forward(const Conv2dArgs& a, StreamHandle stream) {
  const ForwardPlan plan = forward_plan(a, width_of(a));
  const Tiles& tiles = plan.tiles;
  const ForwardPass<T> pass{.g = geometry_of(a, tiles),
                            .x = static_cast<const T*>(a.x),
                            .weight = static_cast<const T*>(a.weight),
                            .bias = static_cast<const float*>(a.bias),
                            .y = static_cast<T*>(a.y),
                            .moments = {a.moments, unsigned(tiles.all), unsigned(a.oc)}};
  const int groups = std::min(kThreads / plan.lanes, tiles.rows * tiles.runs);
  const std::size_t of_merge =
      plan.width == 4 ? sizeof(GroupMemory<Moments<4>>) : sizeof(GroupMemory<Moments<1>>);
  const std::size_t of_sums = std::size_t(plan.weights(a) + tiles.window()) * sizeof(float);
  const Launch how{.name = "few_channels",
                   .stream = stream,
                   .grid = dim3(unsigned(tiles.all), unsigned(plan.chunks)),
                   .block = dim3(unsigned(plan.lanes), unsigned(groups)),
                   .shared = a.moments ? std::max(of_sums, of_merge) : of_sums};
  const bool dense = a.sw * a.c == 1;
  launch(how,
         plan.width == 4 ? (dense ? few_channels_kernel<4, 1, T> : few_channels_kernel<4, 0, T>)
                         : (dense ? few_channels_kernel<1, 1, T> : few_channels_kernel<1, 0, T>),
         pass);
}

}  // namespace

bool few_channels_fits(const Conv2dArgs& a) {
  if (a.groups != 1 || a.c > kMostChannels || a.pass == ConvPass::grad_x) return false;
  if (a.c < 1 || a.oc < 1 || a.oh < 1 || a.ow < 1) return false;
  // By the narrower loads too: whether y is aligned is not known before it is there.
  for (const int width : {4, 1}) {
    if (a.oc % width != 0) continue;
    const bool fits = a.pass == ConvPass::forward ? forward_plan(a, width).tiles.rows > 0
                                                  : few::weights_fit(a, width);
    if (!fits) return false;
  }
  return std::int64_t(a.kh) * a.kw * a.c * a.oc < std::int64_t(1) << 31;
}

std::size_t few_channels_scratch(const Conv2dArgs& a) {
  if (a.pass == ConvPass::forward) return 0;
  int parts = few::weight_parts(a, 1);
  if (a.oc % 4 == 0) parts = std::max(parts, few::weight_parts(a, 4));
  return std::size_t(parts) * std::size_t(a.kh * a.kw * a.c) * std::size_t(a.oc) * sizeof(float);
}

std::int64_t few_channels_moment_tiles(const Conv2dArgs& a) {
  if (a.pass != ConvPass::forward || (a.oc % 4 == 0 && !aligned16(a.y))) return 0;
  return forward_plan(a, width_of(a)).tiles.all;
}

template <class T>
void few_channels(const Conv2dArgs& a, void* scratch, StreamHandle stream) {
  if (a.pass == ConvPass::grad_w)
    return few::find_weights<T>(a, static_cast<float*>(scratch), stream);
  if (a.n > 0) forward<T>(a, stream);
}

template void few_channels<float>(const Conv2dArgs&, void*, StreamHandle);
template void few_channels<bf16>(const Conv2dArgs&, void*, StreamHandle);

}  // namespace mien::cuda
