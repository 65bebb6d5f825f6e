// Batch normalization and what follows it, one pass over memory.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/norm.h"
#include "kernels/cpu/simd/philox.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// Floats between what is computed and what is fetched: two streams of lines and the work on random
// numbers leave memory idle otherwise.
constexpr std::int64_t kAhead = 512;

// What is the same for all elements of a tile of columns.
struct Pass {
  const float *x, *residual;
  float* y;
  std::uint8_t* code;
  Places places;
  bool relu, drops;
  float keep_scale;
  std::int32_t threshold;
};
struct Factors {
  Columns center, scale, shift;
};

MIEN_INLINE void find_factors(const BatchNormArgs& a, std::int64_t first, std::int64_t width,
                              Factors& f) {
  const float* mean = static_cast<const float*>(a.mean) + first;
  const float* variance = static_cast<const float*>(a.variance) + first;
  const float *gamma = static_cast<const float*>(a.gamma),
              *beta = static_cast<const float*>(a.beta_);
  for (std::int64_t k = 0; k < width; ++k) {
    f.center.at[k] = mean[k];
    f.scale.at[k] = float(1 / __builtin_sqrt(double(variance[k]) + a.epsilon));
    if (gamma) f.scale.at[k] *= gamma[first + k];
    f.shift.at[k] = beta ? beta[first + k] : 0;
  }
}

// One vector of a window's outputs: n columns from k on, of the tile.
template <int kPlaces>
MIEN_INLINE void window(const Pass& p, const Factors& f, std::int64_t x, std::int64_t y,
                        std::int64_t k, std::int64_t n, const std::int32_t* draws) {
  const Vec center = load(f.center.at + k), scale = load(f.scale.at + k);
  const Vec shift = load(f.shift.at + k);
  Vec best{};
  IntVec place{};
  for (int i = 0; i < kPlaces; ++i) {
    const std::int64_t at = x + p.places.offset[i] + k;
    __builtin_prefetch(p.x + at + kAhead);
    Vec value = (load_up_to(p.x + at, n) - center) * scale + shift;
    if (p.residual) value += load_up_to(p.residual + at, n);
    // A NaN wins: it must not vanish on its way.
    const IntVec better = i == 0 ? ~IntVec{} : (value > best) | (value != value);
    best = better ? value : best;
    place = better ? i - IntVec{} : place;
  }
  if (p.relu) {
    place = best > 0 ? place : ~IntVec{};
    best = best < 0 ? Vec{} : best;
  }
  if (p.drops) {
    IntVec draw;
    __builtin_memcpy(&draw, draws + k, sizeof draw);
    const IntVec keep = draw >= p.threshold;
    place = keep ? place : ~IntVec{};
    best = keep ? best * p.keep_scale : Vec{};
  }
  store_up_to(p.y + y + k, best, n);
  if (p.code) store_code(p.code + y + k, place, n);
}

}  // namespace

void batch_norm(const BatchNormArgs& a, StreamHandle) {
  if (a.statistics.of_x) moments(a);
  const NormShape s = a.shape;
  const Pass all{static_cast<const float*>(a.x),
                 static_cast<const float*>(a.residual),
                 static_cast<float*>(a.y),
                 a.code,
                 places_of(s),
                 a.relu,
                 a.dropout.rate > 0,
                 float(1 / (1 - a.dropout.rate)),
                 dropout_threshold(a.dropout.rate)};
  parallel_for(s.pieces(), [=](std::int64_t piece) {
    Draws draws(a.dropout.seed, a.dropout.stream);
    for (std::int64_t first = 0; first < s.c; first += kColumns) {
      const std::int64_t width = least(kColumns, s.c - first);
      Factors f;
      find_factors(a, first, width, f);
      for_windows(
          s, piece, [&](auto w) __attribute__((always_inline)) {
            if constexpr (w.has_output) {
              const std::int64_t x = w.x + first, y = w.y + first;
              const std::int32_t* draw = all.drops ? draws.at(y, width) : nullptr;
              for_vectors(
                  width, [&](std::int64_t k, std::int64_t n) __attribute__((always_inline)) {
                    window<w.places>(all, f, x, y, k, n, draw);
                  });
            }
          });
    }
  });
}

}  // namespace mien::cpu::MIEN_ISA
