// The gradient of batch normalization and of what follows it, two passes over memory.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/norm.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// The gradient that arrives at the places of a window: all of it at one of them.
struct Arriving {
  Vec value;
  IntVec place;
};
struct Arrives {
  const float* dy;
  const std::uint8_t* code;
  float keep_scale;

  MIEN_INLINE Arriving at(const Arrives& from, std::int64_t at, std::int64_t n) {
    Arriving g{load_up_to(from.dy + at, n), IntVec{}};
    if (!from.code) return g;
    g.place = load_code(from.code + at, n);
    g.value = g.place >= 0 ? g.value * from.keep_scale : Vec{};
    return g;
  }
};

// x - mean of a window's winner, from its output: y * scale + shift. Reading y spares reading all
// of x. Where gamma is small beside beta too little of x is left in y.
struct FromOutput {
  Columns scale, shift;
  bool usable[kColumns / kLanes + 1];  // for all columns of a vector
};
MIEN_INLINE void find_winners(const BatchNormGradArgs& a, std::int64_t first, std::int64_t width,
                              FromOutput& f) {
  const float* variance = static_cast<const float*>(a.variance) + first;
  const float *gamma = static_cast<const float*>(a.gamma),
              *beta = static_cast<const float*>(a.beta_);
  for_vectors(width, [&](std::int64_t k, std::int64_t n) {
    bool usable = a.y != nullptr;
    for (std::int64_t i = k; usable && i < k + n; ++i) {
      const float scale = gamma ? gamma[first + i] : 1, shift = beta ? beta[first + i] : 0;
      usable =
          __builtin_fabsf(scale) > 1e-6f && 16 * __builtin_fabsf(scale) > __builtin_fabsf(shift);
      const double deviation = __builtin_sqrt(double(variance[i]) + a.epsilon) / double(scale);
      f.scale.at[i] = float((1 - a.rate) * deviation);
      f.shift.at[i] = float(-double(shift) * deviation);
    }
    f.usable[k / kLanes] = usable;
  });
}

// Into out: sums over a piece of the arriving gradient g, and of g (x - mean) from out + c on.
void piece_sums(const BatchNormGradArgs& a, const Arrives& arrives, std::int64_t piece,
                float* out) {
  const NormShape s = a.shape;
  const float *x = static_cast<const float*>(a.x), *mean = static_cast<const float*>(a.mean);
  const float* y = static_cast<const float*>(a.y);
  const Places places = places_of(s);
  for (std::int64_t first = 0; first < s.c; first += kColumns) {
    const std::int64_t width = least(kColumns, s.c - first);
    Columns center, plain{}, scaled{};
    FromOutput winners;
    for (std::int64_t k = 0; k < width; ++k) center.at[k] = mean[first + k];
    find_winners(a, first, width, winners);
    const auto vector = [&](auto w, std::int64_t k, std::int64_t n) __attribute__((always_inline)) {
      const Arriving g = Arrives::at(arrives, w.y + first + k, n);
      Vec distance;
      if (winners.usable[k / kLanes]) {
        distance = load_up_to(y + w.y + first + k, n) * load(winners.scale.at + k) +
                   load(winners.shift.at + k);
      } else {
        const float* from = x + w.x + first + k;
        distance = load_up_to(from, n);
        for (int i = 1; i < w.places; ++i)
          distance = g.place == i ? load_up_to(from + places.offset[i], n) : distance;
        distance -= load(center.at + k);
      }
      store(plain.at + k, load(plain.at + k) + g.value);
      store(scaled.at + k, load(scaled.at + k) + g.value * distance);
    };
    for_windows(
        s, piece, [&](auto w) __attribute__((always_inline)) {
          if constexpr (w.has_output)
            for_vectors(
                width, [&](std::int64_t k, std::int64_t n)
                           __attribute__((always_inline)) { vector(w, k, n); });
        });
    for (std::int64_t k = 0; k < width; ++k) {
      out[first + k] = plain.at[k];
      out[s.c + first + k] = scaled.at[k];
    }
  }
}

// dx = beta dx + of_g g + of_x (x - mean) + constant.
struct Factors {
  Columns center, of_g, of_x, constant;
};
MIEN_INLINE void find_factors(const BatchNormGradArgs& a, const float* total, std::int64_t first,
                              std::int64_t width, Factors& f) {
  const float* mean = static_cast<const float*>(a.mean);
  const float* variance = static_cast<const float*>(a.variance);
  const float* gamma = static_cast<const float*>(a.gamma);
  const std::int64_t c = a.shape.c;
  for (std::int64_t i = 0; i < width; ++i) {
    const std::int64_t k = first + i;
    const double rstd = 1 / __builtin_sqrt(double(variance[k]) + a.epsilon);
    const double factor = rstd * (gamma ? double(gamma[k]) : 1.0);
    const double share = a.through_statistics ? factor / double(a.shape.rows()) : 0.0;
    f.center.at[i] = mean[k];
    f.of_g.at[i] = float(factor);
    f.of_x.at[i] = float(-share * rstd * rstd * double(total[c + k]));
    f.constant.at[i] = float(-share * double(total[k]));
  }
}

void piece_gradient(const BatchNormGradArgs& a, const Arrives& arrives, const float* total,
                    std::int64_t piece, float* dx_sum) {
  const NormShape s = a.shape;
  const float* x = static_cast<const float*>(a.x);
  float *dx = static_cast<float*>(a.dx), *dresidual = static_cast<float*>(a.dresidual);
  const float beta = float(a.dx_beta), residual_beta = float(a.dresidual_beta);
  const Places places = places_of(s);
  for (std::int64_t first = 0; first < s.c; first += kColumns) {
    const std::int64_t width = least(kColumns, s.c - first);
    Factors f;
    Columns sum{};
    find_factors(a, total, first, width, f);
    for_windows(
        s, piece, [&](auto w) __attribute__((always_inline)) {
          for_vectors(
              width, [&](std::int64_t k, std::int64_t n) __attribute__((always_inline)) {
                Arriving g{};
                if constexpr (w.has_output) g = Arrives::at(arrives, w.y + first + k, n);
                const Vec center = load(f.center.at + k), of_g = load(f.of_g.at + k);
                const Vec of_x = load(f.of_x.at + k), constant = load(f.constant.at + k);
                Vec sums{};
                for (int i = 0; i < w.places; ++i) {
                  const std::int64_t at = w.x + first + k + places.offset[i];
                  const Vec here = w.places == 1 || g.place == i ? g.value : Vec{};
                  if (dx) {
                    Vec value = of_g * here + (of_x * (load_up_to(x + at, n) - center) + constant);
                    sums += value;
                    if (beta != 0) value += beta * load_up_to(dx + at, n);
                    store_up_to(dx + at, value, n);
                  }
                  if (dresidual) {
                    Vec value = here;
                    if (residual_beta != 0) value += residual_beta * load_up_to(dresidual + at, n);
                    store_up_to(dresidual + at, value, n);
                  }
                }
                if (dx_sum) store(sum.at + k, load(sum.at + k) + sums);
              });
        });
    for (std::int64_t k = 0; dx_sum && k < width; ++k) dx_sum[first + k] = sum.at[k];
  }
}

void write_sum(void* out, double beta, std::int64_t c, const float* sums) {
  float* y = static_cast<float*>(out);
  for (std::int64_t k = 0; y && k < c; ++k) y[k] = (beta == 0 ? 0 : float(beta) * y[k]) + sums[k];
}

}  // namespace

void batch_norm_grad(const BatchNormGradArgs& a, StreamHandle) {
  const std::int64_t c = a.shape.c, pieces = a.shape.pieces();
  float *total = static_cast<float*>(a.scratch), *partial = total + 2 * c;
  const Arrives arrives{static_cast<const float*>(a.dy), a.code, float(1 / (1 - a.rate))};
  for (std::int64_t k = 0; k < 2 * c; ++k) total[k] = 0;
  if (a.through_statistics || a.dgamma || a.dbeta) {
    parallel_for(pieces, [&](std::int64_t piece) {
      piece_sums(a, arrives, piece, partial + piece * 2 * c);
    });
    sum_pieces(partial, pieces, 2 * c, 2 * c, total);
  }
  if (a.dx || a.dresidual)
    parallel_for(pieces, [&](std::int64_t piece) {
      piece_gradient(a, arrives, total, piece, a.dx_sum ? partial + piece * c : nullptr);
    });
  write_sum(a.dbeta, a.dbeta_beta, c, total);
  const float* variance = static_cast<const float*>(a.variance);
  for (std::int64_t k = 0; k < c; ++k)
    total[c + k] = float(total[c + k] / __builtin_sqrt(double(variance[k]) + a.epsilon));
  write_sum(a.dgamma, a.dgamma_beta, c, total + c);
  if (!a.dx_sum) return;
  sum_pieces(partial, pieces, c, c, total);
  write_sum(a.dx_sum, a.dx_sum_beta, c, total);
}

}  // namespace mien::cpu::MIEN_ISA
