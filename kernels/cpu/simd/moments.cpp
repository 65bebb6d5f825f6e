// Mean and variance of columns in one pass over memory. Groups of rows that fit the first cache
// level are read twice: for the mean and for the distances from it. Groups and pieces of work are
// merged in their order (Chan, Golub, LeVeque, 1979): the same bits for any number of threads.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/norm.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// Rows of a group, from the first on; `before` rows of the same piece are in mean and m2 already.
struct Group {
  std::int64_t rows, stride, before;
};

// Adds a group's values of kVectors vectors of columns (of `width` columns where that is 1).
template <int kVectors>
MIEN_INLINE void add_group(const float* x, const Group& g, std::int64_t width, float* mean,
                           float* m2) {
  const float n = float(g.rows), before = float(g.before), inverse = 1 / n;
  Vec center[kVectors] = {}, square[kVectors] = {}, rest[kVectors] = {};
  for (std::int64_t r = 0; r < g.rows; ++r)
    for (int v = 0; v < kVectors; ++v)
      center[v] += load_up_to(x + r * g.stride + v * kLanes, width);
  for (int v = 0; v < kVectors; ++v) center[v] *= inverse;
  for (std::int64_t r = 0; r < g.rows; ++r)
    for (int v = 0; v < kVectors; ++v) {
      const float* from = x + r * g.stride + v * kLanes;
      __builtin_prefetch(from + g.rows * g.stride);  // the next group's, or memory would rest here
      const Vec d = load_up_to(from, width) - center[v];
      rest[v] += d;
      square[v] += d * d;
    }
  for (int v = 0; v < kVectors; ++v) {
    // center was rounded; rest knows by how much.
    const Vec group_mean = center[v] + rest[v] * inverse;
    const Vec group_m2 = square[v] - rest[v] * rest[v] * inverse;
    const Vec old = load_up_to(mean + v * kLanes, width), delta = group_mean - old;
    const float share = n / (before + n);
    store_up_to(mean + v * kLanes, old + delta * share, width);
    store_up_to(m2 + v * kLanes,
                load_up_to(m2 + v * kLanes, width) + group_m2 + delta * delta * (before * share),
                width);
  }
}

void piece_moments(const float* x, std::int64_t rows, std::int64_t c, float* mean, float* m2) {
  const std::int64_t group = most<std::int64_t>(1, 4096 / c);
  for (std::int64_t k = 0; k < 2 * c; ++k) mean[k] = 0;  // and m2, which follows
  for (std::int64_t first = 0; first < rows; first += group) {
    const Group g{least(group, rows - first), c, first};
    const float* from = x + first * c;
    std::int64_t k = 0;
    for (; k + 4 * kLanes <= c; k += 4 * kLanes)
      add_group<4>(from + k, g, kLanes, mean + k, m2 + k);
    for (; k + kLanes <= c; k += kLanes) add_group<1>(from + k, g, kLanes, mean + k, m2 + k);
    if (k < c) add_group<1>(from + k, g, c - k, mean + k, m2 + k);
  }
}

}  // namespace

void moments(const BatchNormArgs& a) {
  const std::int64_t c = a.shape.c, rows = a.shape.rows();
  const std::int64_t size = norm_block_rows(rows, c), pieces = norm_blocks(rows, c);
  const float* x = static_cast<const float*>(a.x);
  float *partial = static_cast<float*>(a.statistics.scratch), *mean = static_cast<float*>(a.mean);
  float* variance = static_cast<float*>(a.variance);
  parallel_for(pieces, [=](std::int64_t piece) {
    float* out = partial + piece * 2 * c;
    piece_moments(x + piece * size * c, least(size, rows - piece * size), c, out, out + c);
  });
  constexpr std::int64_t kTile = 64;
  parallel_for(divide_up(c, kTile), [=](std::int64_t tile) {
    const std::int64_t first = tile * kTile, width = least(kTile, c - first);
    double n = 0, means[kTile] = {}, squares[kTile] = {};
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const double more = double(least(size, rows - piece * size)), share = more / (n + more);
      const float* in = partial + piece * 2 * c + first;
      for (std::int64_t k = 0; k < width; ++k) {
        const double delta = double(in[k]) - means[k];
        means[k] += delta * share;
        squares[k] += double(in[c + k]) + delta * delta * n * share;
      }
      n += more;
    }
    for (std::int64_t k = 0; k < width; ++k) {
      mean[first + k] = float(means[k]);
      variance[first + k] = float(n > 0 ? squares[k] / n : 0);
    }
  });
}

}  // namespace mien::cpu::MIEN_ISA
