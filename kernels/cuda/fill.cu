// fill, axpy and cast: the elementwise kernels that storage itself needs.
#include <type_traits>

#include "kernels/convert.h"
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/for_each.cuh"
#include "kernels/cuda/kernels.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

template <class T>
struct Fill {
  T* y;
  T value;
  __device__ void operator()(std::int64_t i) const { y[i] = value; }
};

template <class T>
struct Axpy {
  float alpha, beta;
  const T* x;
  T* y;
  const float* live_scale;
  __device__ void operator()(std::int64_t i) const {
    const float scale = live_scale ? alpha * *live_scale : alpha;
    const float added = scale * as_float(x[i]);
    y[i] = from_float<T>(beta == 0 ? added : beta * as_float(y[i]) + added);
  }
};

template <class From, class To>
inline constexpr bool kExact = std::is_same_v<From, To> || (std::is_same_v<From, std::uint8_t> &&
                                                            std::is_same_v<To, std::int32_t>);

template <class From, class To>
struct Cast {
  const From* x;
  To* y;
  __device__ void operator()(std::int64_t i) const {
    if constexpr (kExact<From, To>) {
      y[i] = x[i];
    } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
      y[i] = To(x[i] < 0 ? 0 : x[i] > 255 ? 255 : x[i]);
    } else {
      y[i] = from_float<To>(as_float(x[i]));
    }
  }
};

template <class From, class To>
void cast_elements(const CastArgs& a, StreamHandle stream) {
  for_each("cast", stream, a.n,
           Cast<From, To>{static_cast<const From*>(a.x), static_cast<To*>(a.y)});
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
  for_each("fill", stream, a.n, Fill<T>{static_cast<T*>(a.y), convert<T>(a.value)});
}

template <class T>
void axpy(const AxpyArgs& a, StreamHandle stream) {
  for_each("axpy", stream, a.n,
           Axpy<T>{float(a.alpha), float(a.beta), static_cast<const T*>(a.x), static_cast<T*>(a.y),
                   a.live_scale});
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

}  // namespace mien::cuda
