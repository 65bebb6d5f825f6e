// One launch per optimizer over a flat range of parameters, in the CPU's formulas.
#include "kernels/cuda/grid.h"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/lang.cuh"

namespace mien::cuda {
namespace {

constexpr int kThreads = 256;

// What may change from step to step: as it was launched, and where newer values lie.
struct Rates {
  float rate, keep, g_scale;
  const LiveRate* live;
  const float* live_scale;

  __device__ Rates now() const {
    Rates out = *this;
    if (live) {
      out.rate = live->rate;
      out.keep = live->keep;
    }
    if (live_scale) out.g_scale = g_scale * *live_scale;
    return out;
  }
};

// A rule makes a step of one element: `a` are the weight and its slots.
struct Adam {
  static constexpr int kArrays = 3;
  float rest1, rest2, epsilon;
  __device__ void operator()(const Rates& r, float g, float (&a)[kArrays]) const {
    const float d = r.g_scale * g;
    a[1] += (d - a[1]) * rest1;
    a[2] += (d * d - a[2]) * rest2;
    a[0] = a[0] * r.keep - a[1] * r.rate / (sqrtf(a[2]) + epsilon);
  }
};

struct PlainSgd {
  static constexpr int kArrays = 1;
  __device__ void operator()(const Rates& r, float g, float (&a)[kArrays]) const {
    a[0] = a[0] * r.keep - r.rate * r.g_scale * g;
  }
};

struct MovingSgd {
  static constexpr int kArrays = 2;
  float momentum;
  bool nesterov;
  __device__ void operator()(const Rates& r, float g, float (&a)[kArrays]) const {
    const float d = r.rate * r.g_scale * g;
    a[1] = momentum * a[1] - d;
    a[0] = a[0] * r.keep + (nesterov ? momentum * a[1] - d : a[1]);
  }
};

// The slots: mean square, then mean gradient and velocity where there are such.
template <bool centered, bool moving>
struct Rmsprop {
  static constexpr int kArrays = 2 + centered + moving;
  float epsilon, rho, rest, momentum;
  __device__ void operator()(const Rates& r, float g, float (&a)[kArrays]) const {
    const float d = r.g_scale * g;
    a[1] = rho * a[1] + rest * d * d;
    float spread = a[1];
    if constexpr (centered) {
      a[2] = rho * a[2] + rest * d;
      spread -= a[2] * a[2];
    }
    float change = r.rate * d * rsqrtf(spread + epsilon);
    if constexpr (moving) {
      float& velocity = a[kArrays - 1];
      velocity = momentum * velocity + change;
      change = velocity;
    }
    a[0] = a[0] * r.keep - change;
  }
};

struct Adagrad {
  static constexpr int kArrays = 2;
  float epsilon;
  __device__ void operator()(const Rates& r, float g, float (&a)[kArrays]) const {
    const float d = r.g_scale * g;
    a[1] += d * d;
    a[0] = a[0] * r.keep - r.rate * d * rsqrtf(a[1] + epsilon);
  }
};

// The gradients, and what a rule changes.
template <int count>
struct Arrays {
  const float* g;
  float* of[count];
};

// The first `quads` groups of 4 elements as float4, the rest one by one.
template <class Rule>
__global__ void __launch_bounds__(kThreads)
    update(std::int64_t n, std::int64_t quads, Arrays<Rule::kArrays> arrays, Rule rule,
           Rates rates) {
  constexpr int count = Rule::kArrays;
  const Rates now = rates.now();
  const std::int64_t step = std::int64_t(gridDim.x) * kThreads;
  const std::int64_t first = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
  for (std::int64_t i = first; i < quads; i += step) {
    const float4 g = reinterpret_cast<const float4*>(arrays.g)[i];
    float a[4][count];
    for (int k = 0; k < count; ++k) {
      const float4 old = reinterpret_cast<const float4*>(arrays.of[k])[i];
      a[0][k] = old.x;
      a[1][k] = old.y;
      a[2][k] = old.z;
      a[3][k] = old.w;
    }
    rule(now, g.x, a[0]);
    rule(now, g.y, a[1]);
    rule(now, g.z, a[2]);
    rule(now, g.w, a[3]);
    for (int k = 0; k < count; ++k)
      reinterpret_cast<float4*>(arrays.of[k])[i] = make_float4(a[0][k], a[1][k], a[2][k], a[3][k]);
  }
  for (std::int64_t i = 4 * quads + first; i < n; i += step) {
    float a[count];
    for (int k = 0; k < count; ++k) a[k] = arrays.of[k][i];
    rule(now, arrays.g[i], a);
    for (int k = 0; k < count; ++k) arrays.of[k][i] = a[k];
  }
}

float* floats(void* array) { return static_cast<float*>(array); }

// rate: the args' lr or alpha.
template <class Rule, class Args>
void run(const char* name, const Args& a, double rate, float* const (&of)[Rule::kArrays],
         const Rule& rule, StreamHandle stream) {
  if (a.n <= 0) return;
  Arrays<Rule::kArrays> arrays{static_cast<const float*>(a.g), {}};
  bool aligned = aligned_to(16, a.g);
  for (int k = 0; k < Rule::kArrays; ++k) {
    arrays.of[k] = of[k];
    aligned = aligned && aligned_to(16, of[k]);
  }
  const std::int64_t quads = aligned ? a.n / 4 : 0;
  launch({.name = name,
          .stream = stream,
          .grid = dim3(blocks_for(aligned ? quads + 1 : a.n, kThreads)),
          .block = dim3(kThreads)},
         update<Rule>, a.n, quads, arrays, rule,
         Rates{float(rate), float(1 - a.decay), float(a.g_scale), a.live, a.live_scale});
}

template <bool centered, bool moving>
void run_rmsprop(const RmspropArgs& a, float* const (&of)[2 + centered + moving],
                 StreamHandle stream) {
  const Rmsprop<centered, moving> rule{float(a.epsilon), float(a.rho), float(1 - a.rho),
                                       float(a.momentum)};
  run("rmsprop", a, a.lr, of, rule, stream);
}

}  // namespace

void adam(const AdamArgs& a, StreamHandle stream) {
  run("adam", a, a.alpha, {floats(a.w), floats(a.m), floats(a.v)},
      Adam{float(1 - a.beta1), float(1 - a.beta2), float(a.epsilon)}, stream);
}

void sgd(const SgdArgs& a, StreamHandle stream) {
  float *w = floats(a.w), *velocity = floats(a.velocity);
  if (velocity) {
    run("sgd", a, a.lr, {w, velocity}, MovingSgd{float(a.momentum), a.nesterov}, stream);
  } else {
    run("sgd", a, a.lr, {w}, PlainSgd{}, stream);
  }
}

void rmsprop(const RmspropArgs& a, StreamHandle stream) {
  float *w = floats(a.w), *square = floats(a.mean_square), *mean = floats(a.mean_gradient),
        *velocity = floats(a.velocity);
  if (mean && velocity) {
    run_rmsprop<true, true>(a, {w, square, mean, velocity}, stream);
  } else if (mean) {
    run_rmsprop<true, false>(a, {w, square, mean}, stream);
  } else if (velocity) {
    run_rmsprop<false, true>(a, {w, square, velocity}, stream);
  } else {
    run_rmsprop<false, false>(a, {w, square}, stream);
  }
}

void adagrad(const AdagradArgs& a, StreamHandle stream) {
  run("adagrad", a, a.lr, {floats(a.w), floats(a.sum)}, Adagrad{float(a.epsilon)}, stream);
}

}  // namespace mien::cuda
