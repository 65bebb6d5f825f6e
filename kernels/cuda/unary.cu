// Elementwise functions of one tensor and their derivatives.
#include <utility>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/map.cuh"

namespace mien::cuda {
namespace {

constexpr std::size_t kOps = std::size_t(UnaryOp::softplus) + 1;

// Klambauer et al., 2017.
constexpr float kSeluScale = 1.0507009873554805f;
constexpr float kSeluSlope = 1.7580993408473766f;    // scale times alpha, 1.6732632423543772
constexpr float kSqrtHalf = 0.7071067811865476f;     // sqrt(1/2)
constexpr float kInvSqrt2Pi = 0.3989422804014327f;   // 1 / sqrt(2 pi)
constexpr float kSqrt2OverPi = 0.7978845608028654f;  // sqrt(2 / pi)
constexpr float kGeluCubic = 0.044715f;

// Neither branch overflows, and both keep their relative precision.
__device__ __forceinline__ float sigmoid(float x) {
  const float e = expf(-fabsf(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

__device__ __forceinline__ float gelu_tanh_inner(float x) {
  return tanhf(kSqrt2OverPi * (x + kGeluCubic * x * x * x));
}

// f(x); p and q are the op's alpha and beta_. Comparisons are written so that NaN falls through to
// itself.
template <UnaryOp op>
__device__ __forceinline__ float value(float x, float p, float q) {
  switch (op) {
    case UnaryOp::neg:
      return -x;
    case UnaryOp::exp:
      return expf(x);
    case UnaryOp::log:
      return logf(x);
    case UnaryOp::sqrt:
      return sqrtf(x);
    case UnaryOp::square:
      return x * x;
    case UnaryOp::abs:
      return fabsf(x);
    case UnaryOp::sign:
      return x > 0 ? 1.0f : x < 0 ? -1.0f : x;
    case UnaryOp::reciprocal:
      return 1 / x;
    case UnaryOp::pow:
      return powf(x, p);
    case UnaryOp::scale_shift:
      return p * x + q;
    case UnaryOp::clip:
      return x < p ? p : x > q ? q : x;
    case UnaryOp::relu:
      return x < 0 ? 0.0f : x;
    case UnaryOp::leaky_relu:
      return x > 0 ? x : p * x;
    case UnaryOp::elu:
      return x > 0 ? x : p * expm1f(x);
    case UnaryOp::selu:
      return x > 0 ? kSeluScale * x : kSeluSlope * expm1f(x);
    case UnaryOp::gelu:  // erfc: 1 + erf would cancel for x far below 0
      return 0.5f * x * erfcf(-x * kSqrtHalf);
    case UnaryOp::gelu_tanh:
      return 0.5f * x * (1 + gelu_tanh_inner(x));
    case UnaryOp::silu:
      return x * sigmoid(x);
    case UnaryOp::sigmoid:
      return sigmoid(x);
    case UnaryOp::hard_sigmoid:
      return x < -3 ? 0.0f : x > 3 ? 1.0f : (x + 3) / 6;
    case UnaryOp::tanh:
      return tanhf(x);
    case UnaryOp::softplus:
      break;
  }
  return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x)));
}

// dy f'; v is what the op keeps, x or y.
template <UnaryOp op>
__device__ __forceinline__ float slope(float dy, float v, float p, float q) {
  switch (op) {
    case UnaryOp::neg:
      return -dy;
    case UnaryOp::exp:
      return dy * v;
    case UnaryOp::log:
      return dy / v;
    case UnaryOp::sqrt:
      return dy / (2 * v);
    case UnaryOp::square:
      return 2 * v * dy;
    case UnaryOp::abs:
      return v > 0 ? dy : v < 0 ? -dy : 0.0f;
    case UnaryOp::sign:
      return 0;
    case UnaryOp::reciprocal:
      return -dy * v * v;
    case UnaryOp::pow:  // 0 where the exponent is 0, whatever x
      return dy * (p == 0 ? 0.0f : p * powf(v, p - 1));
    case UnaryOp::scale_shift:
      return p * dy;
    case UnaryOp::clip:
      return v > p && v < q ? dy : 0.0f;
    case UnaryOp::relu:
      return v > 0 ? dy : 0.0f;
    case UnaryOp::leaky_relu:
      return v > 0 ? dy : p * dy;
    case UnaryOp::elu:
      return v > 0 ? dy : dy * (v + p);
    case UnaryOp::selu:
      return v > 0 ? kSeluScale * dy : dy * (v + kSeluSlope);
    case UnaryOp::gelu:
      return dy * (0.5f * erfcf(-v * kSqrtHalf) + v * kInvSqrt2Pi * expf(-v * v / 2));
    case UnaryOp::gelu_tanh: {
      const float t = gelu_tanh_inner(v);
      return dy * (0.5f * (1 + t) +
                   0.5f * v * (1 - t * t) * kSqrt2OverPi * (1 + 3 * kGeluCubic * v * v));
    }
    case UnaryOp::silu: {
      const float s = sigmoid(v);
      return dy * s * (1 + v * (1 - s));
    }
    case UnaryOp::sigmoid:
      return dy * v * (1 - v);
    case UnaryOp::hard_sigmoid:
      return v > -3 && v < 3 ? dy / 6 : 0.0f;
    case UnaryOp::tanh:
      return dy * (1 - v * v);
    case UnaryOp::softplus:
      break;
  }
  return dy * -expm1f(-v);  // sigmoid(x) = 1 - e^-y
}

template <UnaryOp op, class T>
struct Unary {
  const T* x;
  T* y;
  float p, q;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    Pack<float, width> v = load_f32<width>(x + i);
    MIEN_UNROLL
    for (float& each : v.at) each = value<op>(each, p, q);
    store_f32(y + i, v);
  }
};

template <UnaryOp op, class T>
struct UnaryGrad {
  const T *dy, *kept;
  T* dx;
  float beta, p, q;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    Pack<float, width> g = load_f32<width>(dy + i), v = g;
    if constexpr (keeps(op) != Keeps::nothing) v = load_f32<width>(kept + i);
    for (int k = 0; k < width; ++k) g.at[k] = slope<op>(g.at[k], v.at[k], p, q);
    if (beta != 0) {
      const Pack<float, width> old = load_f32<width>(dx + i);
      for (int k = 0; k < width; ++k) g.at[k] += beta * old.at[k];
    }
    store_f32(dx + i, g);
  }
};

template <UnaryOp op, class T>
void map_op(const UnaryArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const auto* x = static_cast<const T*>(a.x);
  auto* y = static_cast<T*>(a.y);
  map<width>("unary", stream, a.n, aligned<width>(x, y),
             Unary<op, T>{x, y, float(a.alpha), float(a.beta_)});
}

template <UnaryOp op, class T>
void map_grad(const UnaryGradArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const auto* dy = static_cast<const T*>(a.dy);
  const auto* kept = static_cast<const T*>(keeps(op) == Keeps::x ? a.x : a.y);
  auto* dx = static_cast<T*>(a.dx);
  const bool packed =
      aligned<width>(dy, dx) && (keeps(op) == Keeps::nothing || aligned<width>(kept));
  map<width>("unary_grad", stream, a.n, packed,
             UnaryGrad<op, T>{dy, kept, dx, float(a.beta), float(a.alpha), float(a.beta_)});
}

// A kernel for each op: most need less than half the registers that pow takes.
template <class T, std::size_t... ops>
void choose(const UnaryArgs& a, StreamHandle stream, std::index_sequence<ops...>) {
  static constexpr void (*launchers[])(const UnaryArgs&,
                                       StreamHandle) = {map_op<UnaryOp(ops), T>...};
  launchers[std::size_t(a.op)](a, stream);
}
template <class T, std::size_t... ops>
void choose(const UnaryGradArgs& a, StreamHandle stream, std::index_sequence<ops...>) {
  static constexpr void (*launchers[])(const UnaryGradArgs&,
                                       StreamHandle) = {map_grad<UnaryOp(ops), T>...};
  launchers[std::size_t(a.op)](a, stream);
}

}  // namespace

template <class T>
void unary(const UnaryArgs& a, StreamHandle stream) {
  choose<T>(a, stream, std::make_index_sequence<kOps>());
}
template <class T>
void unary_grad(const UnaryGradArgs& a, StreamHandle stream) {
  choose<T>(a, stream, std::make_index_sequence<kOps>());
}

template void unary<float>(const UnaryArgs&, StreamHandle);
template void unary<bf16>(const UnaryArgs&, StreamHandle);
template void unary_grad<float>(const UnaryGradArgs&, StreamHandle);
template void unary_grad<bf16>(const UnaryGradArgs&, StreamHandle);

}  // namespace mien::cuda
