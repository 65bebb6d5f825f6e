#include <algorithm>
#include <cstring>

#include "kernels/cpu/convert.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

// The walk with axes of size 1 left out and neighbours merged where both sides run on without a
// gap.
CopyArgs merged(const CopyArgs& a) {
  CopyArgs out = a;
  out.rank = 0;
  for (int i = 0; i < a.rank; ++i) {
    if (a.dims[i] == 1) continue;
    const int last = out.rank - 1;
    if (last >= 0 && out.x_strides[last] == a.x_strides[i] * a.dims[i] &&
        out.y_strides[last] == a.y_strides[i] * a.dims[i]) {
      out.dims[last] *= a.dims[i];
      out.x_strides[last] = a.x_strides[i];
      out.y_strides[last] = a.y_strides[i];
    } else {
      out.dims[out.rank] = a.dims[i];
      out.x_strides[out.rank] = a.x_strides[i];
      out.y_strides[out.rank] = a.y_strides[i];
      ++out.rank;
    }
  }
  return out;
}

template <class T>
void copy_line(const T* x, std::int64_t x_stride, T* y, std::int64_t y_stride, std::int64_t n,
               double beta) {
  if (beta == 0 && x_stride == 1 && y_stride == 1) {
    std::memcpy(y, x, std::size_t(n) * sizeof(T));
  } else if (beta == 0) {
    for (std::int64_t i = 0; i < n; ++i) y[i * y_stride] = x[i * x_stride];
  } else if constexpr (std::is_floating_point_v<T>) {
    for (std::int64_t i = 0; i < n; ++i)
      y[i * y_stride] = T(beta) * y[i * y_stride] + x[i * x_stride];
  }
}

}  // namespace

template <class T>
void copy(const CopyArgs& args, StreamHandle) {
  const CopyArgs a = merged(args);
  for (int i = 0; i < args.rank; ++i)
    if (args.dims[i] == 0) return;
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  if (a.rank == 0) return copy_line(x, 1, y, 1, 1, a.beta);
  const int inner = a.rank - 1;
  std::int64_t lines = 1;
  for (int i = 0; i < inner; ++i) lines *= a.dims[i];
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / a.dims[inner]);
  parallel_ranges(lines, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      std::int64_t rest = line, x_at = 0, y_at = 0;
      for (int i = inner - 1; i >= 0; --i) {
        const std::int64_t at = rest % a.dims[i];
        rest /= a.dims[i];
        x_at += at * a.x_strides[i];
        y_at += at * a.y_strides[i];
      }
      copy_line(x + x_at, a.x_strides[inner], y + y_at, a.y_strides[inner], a.dims[inner], a.beta);
    }
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
