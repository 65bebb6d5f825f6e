// fill, axpy and cast: the elementwise kernels that storage itself needs.
#include <algorithm>

#include "kernels/convert.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {

template <class T>
void fill(const FillArgs& a, StreamHandle) {
  T* y = static_cast<T*>(a.y);
  const T value = convert<T>(a.value);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    std::fill(y + begin, y + end, value);
  });
}

template <class T>
void axpy(const AxpyArgs& a, StreamHandle) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  const T alpha = T(a.alpha), beta = T(a.beta);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    if (beta == 0) {
      for (std::int64_t i = begin; i < end; ++i) y[i] = alpha * x[i];
    } else {
      for (std::int64_t i = begin; i < end; ++i) y[i] = beta * y[i] + alpha * x[i];
    }
  });
}

namespace {

template <class From, class To>
void cast_elements(const CastArgs& a) {
  const From* x = static_cast<const From*>(a.x);
  To* y = static_cast<To*>(a.y);
  parallel_ranges(a.n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = convert<To>(x[i]);
  });
}

template <class From>
void cast_from(const CastArgs& a) {
  switch (a.to) {
    case DType::f32:
      return cast_elements<From, float>(a);
    case DType::f64:
      return cast_elements<From, double>(a);
    case DType::bf16:
      return cast_elements<From, bf16>(a);
    case DType::i32:
      return cast_elements<From, std::int32_t>(a);
    case DType::u8:
      return cast_elements<From, std::uint8_t>(a);
  }
}

}  // namespace

void cast(const CastArgs& a, StreamHandle) {
  switch (a.from) {
    case DType::f32:
      return cast_from<float>(a);
    case DType::f64:
      return cast_from<double>(a);
    case DType::bf16:
      return cast_from<bf16>(a);
    case DType::i32:
      return cast_from<std::int32_t>(a);
    case DType::u8:
      return cast_from<std::uint8_t>(a);
  }
}

MIEN_INSTANTIATE(fill, FillArgs);
MIEN_INSTANTIATE(axpy, AxpyArgs);
template void fill<bf16>(const FillArgs&, StreamHandle);
template void fill<std::int32_t>(const FillArgs&, StreamHandle);
template void fill<std::uint8_t>(const FillArgs&, StreamHandle);

}  // namespace mien::cpu
