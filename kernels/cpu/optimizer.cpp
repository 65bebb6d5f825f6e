// One pass per optimizer over a flat range of parameters, in Keras's formulas.
#include <cmath>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/vectorize.h"

namespace mien::cpu {

template <class T>
void adam(const AdamArgs& a, StreamHandle) {
  T *w = static_cast<T*>(a.w), *m = static_cast<T*>(a.m), *v = static_cast<T*>(a.v);
  const T* g = static_cast<const T*>(a.g);
  const T g_scale = T(a.g_scale), alpha = T(a.alpha), epsilon = T(a.epsilon);
  const T keep = T(1 - a.decay), rest1 = T(1 - a.beta1), rest2 = T(1 - a.beta2);
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    MIEN_IN_PLACE_LOOP
    for (std::int64_t i = begin; i < end; ++i) {
      const T d = g_scale * g[i];
      m[i] += (d - m[i]) * rest1;
      v[i] += (d * d - v[i]) * rest2;
      w[i] = w[i] * keep - m[i] * alpha / (std::sqrt(v[i]) + epsilon);
    }
  });
}

template <class T>
void sgd(const SgdArgs& a, StreamHandle) {
  T *w = static_cast<T*>(a.w), *velocity = static_cast<T*>(a.velocity);
  const T* g = static_cast<const T*>(a.g);
  const T step = T(a.lr * a.g_scale), keep = T(1 - a.decay), momentum = T(a.momentum);
  const bool nesterov = a.nesterov;
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    if (!velocity) {
      MIEN_IN_PLACE_LOOP
      for (std::int64_t i = begin; i < end; ++i) w[i] = w[i] * keep - step * g[i];
      return;
    }
    MIEN_IN_PLACE_LOOP
    for (std::int64_t i = begin; i < end; ++i) {
      const T d = step * g[i];
      velocity[i] = momentum * velocity[i] - d;
      w[i] = w[i] * keep + (nesterov ? momentum * velocity[i] - d : velocity[i]);
    }
  });
}

namespace {

// Which slots there are is known outside of the loop: a branch inside would keep it from being
// vectorized.
template <class T, bool centered, bool moving>
void rmsprop_loop(const RmspropArgs& a) {
  T *w = static_cast<T*>(a.w), *mean_square = static_cast<T*>(a.mean_square);
  T *mean = static_cast<T*>(a.mean_gradient), *velocity = static_cast<T*>(a.velocity);
  const T* g = static_cast<const T*>(a.g);
  const T g_scale = T(a.g_scale), lr = T(a.lr), keep = T(1 - a.decay), epsilon = T(a.epsilon);
  const T rho = T(a.rho), rest = T(1 - a.rho), momentum = T(a.momentum);
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    MIEN_IN_PLACE_LOOP
    for (std::int64_t i = begin; i < end; ++i) {
      const T d = g_scale * g[i];
      mean_square[i] = rho * mean_square[i] + rest * d * d;
      T spread = mean_square[i];
      if constexpr (centered) {
        mean[i] = rho * mean[i] + rest * d;
        spread -= mean[i] * mean[i];
      }
      T change = lr * d / std::sqrt(spread + epsilon);
      if constexpr (moving) change = velocity[i] = momentum * velocity[i] + change;
      w[i] = w[i] * keep - change;
    }
  });
}

}  // namespace

template <class T>
void rmsprop(const RmspropArgs& a, StreamHandle) {
  if (a.mean_gradient) {
    a.velocity ? rmsprop_loop<T, true, true>(a) : rmsprop_loop<T, true, false>(a);
  } else {
    a.velocity ? rmsprop_loop<T, false, true>(a) : rmsprop_loop<T, false, false>(a);
  }
}

template <class T>
void adagrad(const AdagradArgs& a, StreamHandle) {
  T *w = static_cast<T*>(a.w), *sum = static_cast<T*>(a.sum);
  const T* g = static_cast<const T*>(a.g);
  const T g_scale = T(a.g_scale), lr = T(a.lr), keep = T(1 - a.decay), epsilon = T(a.epsilon);
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    MIEN_IN_PLACE_LOOP
    for (std::int64_t i = begin; i < end; ++i) {
      const T d = g_scale * g[i];
      sum[i] += d * d;
      w[i] = w[i] * keep - lr * d / std::sqrt(sum[i] + epsilon);
    }
  });
}

MIEN_INSTANTIATE(adam, AdamArgs);
MIEN_INSTANTIATE(sgd, SgdArgs);
MIEN_INSTANTIATE(rmsprop, RmspropArgs);
MIEN_INSTANTIATE(adagrad, AdagradArgs);

}  // namespace mien::cpu
