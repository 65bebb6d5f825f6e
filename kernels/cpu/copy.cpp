#include <algorithm>
#include <cstring>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/walk.h"

namespace mien::cpu {
namespace {

template <class T>
void copy_line(const T* x, std::int64_t x_stride, T* y, std::int64_t y_stride, std::int64_t n,
               double beta) {
  if (beta == 0) {
    if (x_stride == 1 && y_stride == 1) {
      std::memcpy(y, x, std::size_t(n) * sizeof(T));
    } else if (x_stride == 0 && y_stride == 1) {
      std::fill(y, y + n, *x);
    } else {
      for (std::int64_t i = 0; i < n; ++i) y[i * y_stride] = x[i * x_stride];
    }
  } else if constexpr (std::is_floating_point_v<T>) {
    const T b = T(beta);
    if (x_stride == 1 && y_stride == 1) {
      for (std::int64_t i = 0; i < n; ++i) y[i] = b * y[i] + x[i];
    } else {
      for (std::int64_t i = 0; i < n; ++i) y[i * y_stride] = b * y[i * y_stride] + x[i * x_stride];
    }
  }
}

}  // namespace

template <class T>
void copy(const CopyArgs& a, StreamHandle) {
  BroadcastArgs walk{};
  walk.rank = a.rank;
  std::copy_n(a.dims, a.rank, walk.dims);
  std::copy_n(a.x_strides, a.rank, walk.a_strides);
  std::copy_n(a.y_strides, a.rank, walk.b_strides);
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  for_each_line(
      walk, [=, beta = a.beta](std::int64_t, std::int64_t x_at, std::int64_t y_at, std::int64_t n,
                               std::int64_t x_stride, std::int64_t y_stride) {
        copy_line(x + x_at, x_stride, y + y_at, y_stride, n, beta);
      });
}

template <class T>
void gather(const GatherArgs& a, StreamHandle) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, a.inner));
  parallel_ranges(a.outer * a.count, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t from = row / a.count * a.axis + a.indices[row % a.count];
      std::memcpy(y + row * a.inner, x + from * a.inner, std::size_t(a.inner) * sizeof(T));
    }
  });
}

template <class T>
void gather_grad(const GatherGradArgs& a, StreamHandle) {
  const T* dy = static_cast<const T*>(a.dy);
  T* dx = static_cast<T*>(a.dx);
  // One piece per outer index: rows of one may hit the same place, in the order of i.
  parallel_for(a.outer, [&](std::int64_t outer) {
    T* into = dx + outer * a.axis * a.inner;
    for (std::int64_t i = 0; i < a.axis * a.inner; ++i)
      into[i] = a.beta == 0 ? T(0) : T(a.beta) * into[i];
    for (std::int64_t i = 0; i < a.count; ++i) {
      const T* from = dy + (outer * a.count + i) * a.inner;
      T* to = into + a.indices[i] * a.inner;
      for (std::int64_t k = 0; k < a.inner; ++k) to[k] += from[k];
    }
  });
}

MIEN_INSTANTIATE(copy, CopyArgs);
MIEN_INSTANTIATE(gather, GatherArgs);
MIEN_INSTANTIATE(gather_grad, GatherGradArgs);
template void copy<bf16>(const CopyArgs&, StreamHandle);
template void copy<std::int32_t>(const CopyArgs&, StreamHandle);
template void copy<std::uint8_t>(const CopyArgs&, StreamHandle);
template void gather<bf16>(const GatherArgs&, StreamHandle);
template void gather<std::int32_t>(const GatherArgs&, StreamHandle);
template void gather<std::uint8_t>(const GatherArgs&, StreamHandle);

}  // namespace mien::cpu
