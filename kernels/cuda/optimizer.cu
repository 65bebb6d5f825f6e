// One launch per optimizer over a flat range of parameters, in the CPU's formulas.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/map.cuh"

namespace mien::cuda {
namespace {

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

template <class Rule>
struct Update {
  const float* g;
  float* arrays[Rule::kArrays];
  Rule rule;
  Rates rates;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const Rates now = rates.now();
    const Pack<float, width> gradient = load<width>(g + i);
    Pack<float, width> all[Rule::kArrays];
    for (int k = 0; k < Rule::kArrays; ++k) all[k] = load<width>(arrays[k] + i);
    for (int j = 0; j < width; ++j) {
      float one[Rule::kArrays];
      for (int k = 0; k < Rule::kArrays; ++k) one[k] = all[k].at[j];
      rule(now, gradient.at[j], one);
      for (int k = 0; k < Rule::kArrays; ++k) all[k].at[j] = one[k];
    }
    for (int k = 0; k < Rule::kArrays; ++k) store<width>(arrays[k] + i, all[k]);
  }
};

float* floats(void* array) { return static_cast<float*>(array); }

// rate: the args' lr or alpha.
template <class Rule, class Args>
void run(const char* name, const Args& a, double rate, float* const (&arrays)[Rule::kArrays],
         const Rule& rule, StreamHandle stream) {
  Update<Rule> body{static_cast<const float*>(a.g),
                    {},
                    rule,
                    {float(rate), float(1 - a.decay), float(a.g_scale), a.live, a.live_scale}};
  bool packed = aligned<kPack<float>>(body.g);
  for (int k = 0; k < Rule::kArrays; ++k) {
    body.arrays[k] = arrays[k];
    packed = packed && aligned<kPack<float>>(arrays[k]);
  }
  map<kPack<float>>(name, stream, a.n, packed, body);
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
