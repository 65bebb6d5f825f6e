// Elementwise functions of two tensors that broadcast, their derivatives, and comparisons.
#include <cmath>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/walk.h"

namespace mien::cpu {
namespace {

// NaN where either is, as in PyTorch.
template <class T>
T smaller(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
T larger(T a, T b) {
  return a > b || a != a ? a : b;
}

template <class T, class F>
void combine(const BinaryArgs& args, F f) {
  const T *a = static_cast<const T*>(args.a), *b = static_cast<const T*>(args.b);
  T* y = static_cast<T*>(args.y);
  for_each_line(args.walk, [=](std::int64_t at, std::int64_t a_at, std::int64_t b_at,
                               std::int64_t n, std::int64_t a_step, std::int64_t b_step) {
    apply_line(a + a_at, a_step, b + b_at, b_step, y + at, n, f);
  });
}

// out = beta out + dy * slope(a, b). Where an operand may be null, which the slope then does not
// read, dy stands in its place: it is no shorter, and arithmetic on null is undefined.
template <class T, class F>
void combine_grad(const BinaryGradArgs& args, F slope) {
  const T* dy = static_cast<const T*>(args.dy);
  const T* a = args.a ? static_cast<const T*>(args.a) : dy;
  const T* b = args.b ? static_cast<const T*>(args.b) : dy;
  T* out = static_cast<T*>(args.out);
  const T beta = T(args.beta);
  for_each_line(args.walk, [=](std::int64_t at, std::int64_t a_at, std::int64_t b_at,
                               std::int64_t n, std::int64_t a_step, std::int64_t b_step) {
    const T *pa = a + a_at, *pb = b + b_at, *pdy = dy + at;
    T* to = out + at;
    if (beta == 0) {
      for (std::int64_t i = 0; i < n; ++i) to[i] = pdy[i] * slope(pa[i * a_step], pb[i * b_step]);
    } else {
      for (std::int64_t i = 0; i < n; ++i)
        to[i] = beta * to[i] + pdy[i] * slope(pa[i * a_step], pb[i * b_step]);
    }
  });
}

template <class T>
T pow_to_base(T a, T b) {
  return b == 0 ? T(0) : b * std::pow(a, b - 1);
}
template <class T>
T pow_to_exponent(T a, T b) {
  return a == 0 && b >= 0 ? T(0) : std::pow(a, b) * std::log(a);
}
// Ties are shared, as in PyTorch.
template <class T>
T chosen(bool strictly, bool tie) {
  return strictly ? T(1) : tie ? T(0.5) : T(0);
}

template <class T, class F>
void test(const CompareArgs& args, F f) {
  const T *a = static_cast<const T*>(args.a), *b = static_cast<const T*>(args.b);
  std::uint8_t* y = args.y;
  for_each_line(args.walk, [=](std::int64_t at, std::int64_t a_at, std::int64_t b_at,
                               std::int64_t n, std::int64_t a_step, std::int64_t b_step) {
    apply_line(a + a_at, a_step, b + b_at, b_step, y + at, n, f);
  });
}

}  // namespace

template <class T>
void binary(const BinaryArgs& args, StreamHandle) {
  switch (args.op) {
    case BinaryOp::add:
      return combine<T>(args, [](T a, T b) { return a + b; });
    case BinaryOp::sub:
      return combine<T>(args, [](T a, T b) { return a - b; });
    case BinaryOp::mul:
      return combine<T>(args, [](T a, T b) { return a * b; });
    case BinaryOp::div:
      return combine<T>(args, [](T a, T b) { return a / b; });
    case BinaryOp::pow:
      return combine<T>(args, [](T a, T b) { return std::pow(a, b); });
    case BinaryOp::minimum:
      return combine<T>(args, [](T a, T b) { return smaller(a, b); });
    case BinaryOp::maximum:
      return combine<T>(args, [](T a, T b) { return larger(a, b); });
  }
}

template <class T>
void binary_grad(const BinaryGradArgs& args, StreamHandle) {
  const bool first = args.input == 0;
  switch (args.op) {
    case BinaryOp::add:
      return combine_grad<T>(args, [](T, T) { return T(1); });
    case BinaryOp::sub:
      return combine_grad<T>(args, [sign = T(first ? 1 : -1)](T, T) { return sign; });
    case BinaryOp::mul:
      if (first) return combine_grad<T>(args, [](T, T b) { return b; });
      return combine_grad<T>(args, [](T a, T) { return a; });
    case BinaryOp::div:
      if (first) return combine_grad<T>(args, [](T, T b) { return 1 / b; });
      return combine_grad<T>(args, [](T a, T b) { return -a / (b * b); });
    case BinaryOp::pow:
      if (first) return combine_grad<T>(args, [](T a, T b) { return pow_to_base(a, b); });
      return combine_grad<T>(args, [](T a, T b) { return pow_to_exponent(a, b); });
    case BinaryOp::minimum:
      if (first) return combine_grad<T>(args, [](T a, T b) { return chosen<T>(a < b, a == b); });
      return combine_grad<T>(args, [](T a, T b) { return chosen<T>(b < a, a == b); });
    case BinaryOp::maximum:
      if (first) return combine_grad<T>(args, [](T a, T b) { return chosen<T>(a > b, a == b); });
      return combine_grad<T>(args, [](T a, T b) { return chosen<T>(b > a, a == b); });
  }
}

template <class T>
void compare(const CompareArgs& args, StreamHandle) {
  switch (args.op) {
    case CompareOp::equal:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a == b); });
    case CompareOp::not_equal:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a != b); });
    case CompareOp::less:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a < b); });
    case CompareOp::less_equal:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a <= b); });
    case CompareOp::greater:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a > b); });
    case CompareOp::greater_equal:
      return test<T>(args, [](T a, T b) { return std::uint8_t(a >= b); });
  }
}

template <class T>
void where(const WhereArgs& w, StreamHandle) {
  const T *a = static_cast<const T*>(w.a), *b = static_cast<const T*>(w.b);
  T* y = static_cast<T*>(w.y);
  const T beta = T(w.beta);
  parallel_ranges(w.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T* from = w.condition[i] ? a : b;
      const T value = from ? from[i] : T(0);
      y[i] = beta == 0 ? value : beta * y[i] + value;
    }
  });
}

MIEN_INSTANTIATE(binary, BinaryArgs);
MIEN_INSTANTIATE(binary_grad, BinaryGradArgs);
MIEN_INSTANTIATE(compare, CompareArgs);
template void compare<std::int32_t>(const CompareArgs&, StreamHandle);
template void compare<std::uint8_t>(const CompareArgs&, StreamHandle);
MIEN_INSTANTIATE(where, WhereArgs);

}  // namespace mien::cpu
