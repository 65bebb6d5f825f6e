#pragma once

#include <algorithm>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {

/// The walk with axes of size 1 left out and neighbours merged where both sides run on without a
/// gap; at least one axis remains.
inline BroadcastArgs merged(const BroadcastArgs& w) {
  BroadcastArgs out{};
  for (int i = 0; i < w.rank; ++i) {
    if (w.dims[i] == 1) continue;
    const int last = out.rank - 1;
    if (last >= 0 && out.a_strides[last] == w.a_strides[i] * w.dims[i] &&
        out.b_strides[last] == w.b_strides[i] * w.dims[i]) {
      out.dims[last] *= w.dims[i];
      out.a_strides[last] = w.a_strides[i];
      out.b_strides[last] = w.b_strides[i];
    } else {
      out.dims[out.rank] = w.dims[i];
      out.a_strides[out.rank] = w.a_strides[i];
      out.b_strides[out.rank] = w.b_strides[i];
      ++out.rank;
    }
  }
  if (out.rank == 0) out = {1, {1}, {0}, {0}};
  return out;
}

/// Calls line(index, a_offset, b_offset, n, a_step, b_step) for stretches of the walk along which
/// both sides keep their step; index is the row-major position. On several threads.
template <class F>
void for_each_line(const BroadcastArgs& walk, const F& line) {
  const BroadcastArgs w = merged(walk);
  std::int64_t n = 1;
  for (int i = 0; i < w.rank; ++i) n *= w.dims[i];
  const int inner = w.rank - 1;
  const std::int64_t length = w.dims[inner];
  parallel_ranges(n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      std::int64_t rest = begin / length, a = 0, b = 0;
      const std::int64_t column = begin - rest * length;
      for (int i = inner - 1; i >= 0; --i) {
        const std::int64_t at = rest % w.dims[i];
        rest /= w.dims[i];
        a += at * w.a_strides[i];
        b += at * w.b_strides[i];
      }
      const std::int64_t count = std::min(length - column, end - begin);
      line(begin, a + column * w.a_strides[inner], b + column * w.b_strides[inner], count,
           w.a_strides[inner], w.b_strides[inner]);
      begin += count;
    }
  });
}

/// y[i] = f(a[i * a_step], b[i * b_step]) with the usual steps as loops of their own, so that
/// they vectorise.
template <class In, class Out, class F>
void apply_line(const In* a, std::int64_t a_step, const In* b, std::int64_t b_step, Out* y,
                std::int64_t n, const F& f) {
  if (a_step == 1 && b_step == 1) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
  } else if (a_step == 1 && b_step == 0) {
    const In v = *b;
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(a[i], v);
  } else if (a_step == 0 && b_step == 1) {
    const In v = *a;
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(v, b[i]);
  } else {
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(a[i * a_step], b[i * b_step]);
  }
}

}  // namespace mien::cpu
