// fill, axpy and cast: the elementwise kernels that storage itself needs.
#include <algorithm>
#include <type_traits>

#include "kernels/convert.h"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/map.cuh"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

template <class T>
struct Fill {
  T* y;
  T value;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    store(y + i, all_of<width>(value));
  }
};

template <class T>
struct Axpy {
  float alpha, beta;
  const T* x;
  T* y;
  const float* live_scale;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const float scale = live_scale ? alpha * *live_scale : alpha;
    Pack<float, width> v = load_f32<width>(x + i);
    for (float& each : v.at) each *= scale;
    if (beta != 0) {
      const Pack<float, width> old = load_f32<width>(y + i);
      for (int k = 0; k < width; ++k) v.at[k] += beta * old.at[k];
    }
    store_f32(y + i, v);
  }
};

template <class From, class To>
inline constexpr bool kExact = std::is_same_v<From, To> || (std::is_same_v<From, std::uint8_t> &&
                                                            std::is_same_v<To, std::int32_t>);

template <class From, class To>
__device__ __forceinline__ To converted(From x) {
  if constexpr (kExact<From, To>) {
    return x;
  } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    return To(x < 0 ? 0 : x > 255 ? 255 : x);
  } else {
    return from_float<To>(as_float(x));
  }
}

template <class From, class To>
struct Cast {
  const From* x;
  To* y;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const Pack<From, width> v = load<width>(x + i);
    Pack<To, width> out;
    for (int k = 0; k < width; ++k) out.at[k] = converted<From, To>(v.at[k]);
    store(y + i, out);
  }
};

template <class From, class To>
void cast_elements(const CastArgs& a, StreamHandle stream) {
  constexpr int width = std::min(kPack<From>, kPack<To>);
  const auto* x = static_cast<const From*>(a.x);
  auto* y = static_cast<To*>(a.y);
  map<width>("cast", stream, a.n, aligned<width>(x) && aligned<width>(y), Cast<From, To>{x, y});
}

template <class From>
void cast_from(const CastArgs& a, StreamHandle stream) {
  switch (a.to) {
    case DType::f32:
      return cast_elements<From, float>(a, stream);
    case DType::bf16:
      return cast_elements<From, bf16>(a, stream);
    case DType::i32:
      return cast_elements<From, std::int32_t>(a, stream);
    case DType::u8:
      return cast_elements<From, std::uint8_t>(a, stream);
    case DType::f64:
      break;
  }
  MIEN_CHECK(false, DTypeError, "cast: CUDA devices have no f64 here; cast on the CPU");
}

}  // namespace

template <class T>
void fill(const FillArgs& a, StreamHandle stream) {
  auto* y = static_cast<T*>(a.y);
  map<kPack<T>>("fill", stream, a.n, aligned<kPack<T>>(y), Fill<T>{y, convert<T>(a.value)});
}

template <class T>
void axpy(const AxpyArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const auto* x = static_cast<const T*>(a.x);
  auto* y = static_cast<T*>(a.y);
  map<width>("axpy", stream, a.n, aligned<width>(x, y),
             Axpy<T>{float(a.alpha), float(a.beta), x, y, a.live_scale});
}

void cast(const CastArgs& a, StreamHandle stream) {
  switch (a.from) {
    case DType::f32:
      return cast_from<float>(a, stream);
    case DType::bf16:
      return cast_from<bf16>(a, stream);
    case DType::i32:
      return cast_from<std::int32_t>(a, stream);
    case DType::u8:
      return cast_from<std::uint8_t>(a, stream);
    case DType::f64:
      break;
  }
  MIEN_CHECK(false, DTypeError, "cast: CUDA devices have no f64 here; cast on the CPU");
}

template void fill<float>(const FillArgs&, StreamHandle);
template void fill<bf16>(const FillArgs&, StreamHandle);
template void fill<std::int32_t>(const FillArgs&, StreamHandle);
template void fill<std::uint8_t>(const FillArgs&, StreamHandle);
template void axpy<float>(const AxpyArgs&, StreamHandle);
template void axpy<bf16>(const AxpyArgs&, StreamHandle);

}  // namespace mien::cuda
