// Elementwise functions of one tensor and their derivatives.
#include <cmath>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

// Klambauer et al., 2017.
constexpr double kSeluScale = 1.0507009873554805, kSeluAlpha = 1.6732632423543772;
constexpr double kSqrtHalf = 0.7071067811865476;     // sqrt(1/2)
constexpr double kInvSqrt2Pi = 0.3989422804014327;   // 1 / sqrt(2 pi)
constexpr double kSqrt2OverPi = 0.7978845608028654;  // sqrt(2 / pi)
constexpr double kGeluCubic = 0.044715;

// Neither branch overflows, and both keep their relative precision.
template <class T>
T sigmoid(T x) {
  const T e = std::exp(-std::abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

// x^alpha as its derivative to x; 0 where the exponent is 0, whatever x.
template <class T>
T pow_slope(T x, T exponent) {
  return exponent == 0 ? T(0) : exponent * std::pow(x, exponent - 1);
}

template <class T>
T gelu_tanh_slope(T x) {
  const T inner = T(kSqrt2OverPi) * (x + T(kGeluCubic) * x * x * x);
  const T t = std::tanh(inner);
  return T(0.5) * (1 + t) +
         T(0.5) * x * (1 - t * t) * T(kSqrt2OverPi) * (1 + 3 * T(kGeluCubic) * x * x);
}

template <class T, class F>
void map(const UnaryArgs& a, F f) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    // y may be x, which would otherwise send the loop to its scalar twin.
    for (std::int64_t i = begin; i < end; ++i) y[i] = f(x[i]);
  });
}

// dx = beta dx + f(dy, v), where v is the tensor that the op keeps (dy where it keeps none).
template <class T, class F>
void map_grad(const UnaryGradArgs& a, F f) {
  const T* dy = static_cast<const T*>(a.dy);
  const Keeps kept = keeps(a.op);
  const T* v = static_cast<const T*>(kept == Keeps::x ? a.x : kept == Keeps::y ? a.y : a.dy);
  T* dx = static_cast<T*>(a.dx);
  const T beta = T(a.beta);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    if (dx == dy && beta == 0) {  // in place: one pointer less, or the loop would not vectorise
      for (std::int64_t i = begin; i < end; ++i) dx[i] = f(dx[i], v[i]);
    } else if (beta == 0) {
      for (std::int64_t i = begin; i < end; ++i) dx[i] = f(dy[i], v[i]);
    } else {
      for (std::int64_t i = begin; i < end; ++i) dx[i] = beta * dx[i] + f(dy[i], v[i]);
    }
  });
}

}  // namespace

// Comparisons are written so that NaN falls through to itself.
template <class T>
void unary(const UnaryArgs& a, StreamHandle) {
  const T p = T(a.alpha), q = T(a.beta_);
  switch (a.op) {
    case UnaryOp::neg:
      return map<T>(a, [](T x) { return -x; });
    case UnaryOp::exp:
      return map<T>(a, [](T x) { return std::exp(x); });
    case UnaryOp::log:
      return map<T>(a, [](T x) { return std::log(x); });
    case UnaryOp::sqrt:
      return map<T>(a, [](T x) { return std::sqrt(x); });
    case UnaryOp::square:
      return map<T>(a, [](T x) { return x * x; });
    case UnaryOp::abs:
      return map<T>(a, [](T x) { return std::abs(x); });
    case UnaryOp::sign:
      return map<T>(a, [](T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x; });
    case UnaryOp::reciprocal:
      return map<T>(a, [](T x) { return 1 / x; });
    case UnaryOp::pow:
      return map<T>(a, [p](T x) { return std::pow(x, p); });
    case UnaryOp::scale_shift:
      return map<T>(a, [p, q](T x) { return p * x + q; });
    case UnaryOp::clip:
      return map<T>(a, [p, q](T x) { return x < p ? p : x > q ? q : x; });
    case UnaryOp::relu:
      return map<T>(a, [](T x) { return x < 0 ? T(0) : x; });
    case UnaryOp::leaky_relu:
      return map<T>(a, [p](T x) { return x > 0 ? x : p * x; });
    case UnaryOp::elu:
      return map<T>(a, [p](T x) { return x > 0 ? x : p * std::expm1(x); });
    case UnaryOp::selu:
      return map<T>(a, [](T x) {
        return x > 0 ? T(kSeluScale) * x : T(kSeluScale * kSeluAlpha) * std::expm1(x);
      });
    case UnaryOp::gelu:  // erfc: 1 + erf would cancel for x far below 0
      return map<T>(a, [](T x) { return T(0.5) * x * std::erfc(-x * T(kSqrtHalf)); });
    case UnaryOp::gelu_tanh:
      return map<T>(a, [](T x) {
        return T(0.5) * x * (1 + std::tanh(T(kSqrt2OverPi) * (x + T(kGeluCubic) * x * x * x)));
      });
    case UnaryOp::silu:
      return map<T>(a, [](T x) { return x * sigmoid(x); });
    case UnaryOp::sigmoid:
      return map<T>(a, [](T x) { return sigmoid(x); });
    case UnaryOp::hard_sigmoid:
      return map<T>(a, [](T x) { return x < -3 ? T(0) : x > 3 ? T(1) : (x + 3) / 6; });
    case UnaryOp::tanh:
      return map<T>(a, [](T x) { return std::tanh(x); });
    case UnaryOp::softplus:
      return map<T>(a, [](T x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); });
  }
}

template <class T>
void unary_grad(const UnaryGradArgs& a, StreamHandle) {
  const T p = T(a.alpha), q = T(a.beta_);
  switch (a.op) {
    case UnaryOp::neg:
      return map_grad<T>(a, [](T dy, T) { return -dy; });
    case UnaryOp::exp:
      return map_grad<T>(a, [](T dy, T y) { return dy * y; });
    case UnaryOp::log:
      return map_grad<T>(a, [](T dy, T x) { return dy / x; });
    case UnaryOp::sqrt:
      return map_grad<T>(a, [](T dy, T y) { return dy / (2 * y); });
    case UnaryOp::square:
      return map_grad<T>(a, [](T dy, T x) { return 2 * x * dy; });
    case UnaryOp::abs:
      return map_grad<T>(a, [](T dy, T x) { return x > 0 ? dy : x < 0 ? -dy : T(0); });
    case UnaryOp::sign:
      return map_grad<T>(a, [](T, T) { return T(0); });
    case UnaryOp::reciprocal:
      return map_grad<T>(a, [](T dy, T y) { return -dy * y * y; });
    case UnaryOp::pow:
      return map_grad<T>(a, [p](T dy, T x) { return dy * pow_slope(x, p); });
    case UnaryOp::scale_shift:
      return map_grad<T>(a, [p](T dy, T) { return p * dy; });
    case UnaryOp::clip:
      return map_grad<T>(a, [p, q](T dy, T x) { return x > p && x < q ? dy : T(0); });
    case UnaryOp::relu:
      return map_grad<T>(a, [](T dy, T y) { return y > 0 ? dy : T(0); });
    case UnaryOp::leaky_relu:
      return map_grad<T>(a, [p](T dy, T y) { return y > 0 ? dy : p * dy; });
    case UnaryOp::elu:
      return map_grad<T>(a, [p](T dy, T y) { return y > 0 ? dy : dy * (y + p); });
    case UnaryOp::selu:
      return map_grad<T>(a, [](T dy, T y) {
        return y > 0 ? T(kSeluScale) * dy : dy * (y + T(kSeluScale * kSeluAlpha));
      });
    case UnaryOp::gelu:
      return map_grad<T>(a, [](T dy, T x) {
        const T below = T(0.5) * std::erfc(-x * T(kSqrtHalf));
        return dy * (below + x * T(kInvSqrt2Pi) * std::exp(-x * x / 2));
      });
    case UnaryOp::gelu_tanh:
      return map_grad<T>(a, [](T dy, T x) { return dy * gelu_tanh_slope(x); });
    case UnaryOp::silu:
      return map_grad<T>(a, [](T dy, T x) {
        const T s = sigmoid(x);
        return dy * s * (1 + x * (1 - s));
      });
    case UnaryOp::sigmoid:
      return map_grad<T>(a, [](T dy, T y) { return dy * y * (1 - y); });
    case UnaryOp::hard_sigmoid:
      return map_grad<T>(a, [](T dy, T x) { return x > -3 && x < 3 ? dy / 6 : T(0); });
    case UnaryOp::tanh:
      return map_grad<T>(a, [](T dy, T y) { return dy * (1 - y * y); });
    case UnaryOp::softplus:  // sigmoid(x) = 1 - e^-y
      return map_grad<T>(a, [](T dy, T y) { return dy * -std::expm1(-y); });
  }
}

MIEN_INSTANTIATE(unary, UnaryArgs);
MIEN_INSTANTIATE(unary_grad, UnaryGradArgs);

}  // namespace mien::cpu
