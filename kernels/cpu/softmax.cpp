#include <algorithm>
#include <cmath>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

// Calls body(row) for all rows, on several threads.
template <class F>
void for_each_row(std::int64_t rows, std::int64_t cols, const F& body) {
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, cols));
  parallel_ranges(rows, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) body(row);
  });
}

}  // namespace

template <class T>
void softmax(const SoftmaxArgs& a, StreamHandle) {
  for_each_row(a.rows, a.cols, [&](std::int64_t row) {
    const T* x = static_cast<const T*>(a.x) + row * a.cols;
    T* y = static_cast<T*>(a.y) + row * a.cols;
    if (a.cols == 0) return;
    const T largest = *std::max_element(x, x + a.cols);
    double sum = 0;
    if (a.log) {
      for (std::int64_t c = 0; c < a.cols; ++c) sum += double(std::exp(x[c] - largest));
      const T shift = T(std::log(sum));
      for (std::int64_t c = 0; c < a.cols; ++c) y[c] = x[c] - largest - shift;
    } else {
      for (std::int64_t c = 0; c < a.cols; ++c) {
        y[c] = std::exp(x[c] - largest);
        sum += double(y[c]);
      }
      const T scale = T(1 / sum);
      for (std::int64_t c = 0; c < a.cols; ++c) y[c] *= scale;
    }
  });
}

template <class T>
void softmax_grad(const SoftmaxGradArgs& a, StreamHandle) {
  const T beta = T(a.beta);
  for_each_row(a.rows, a.cols, [&](std::int64_t row) {
    const T* dy = static_cast<const T*>(a.dy) + row * a.cols;
    const T* y = static_cast<const T*>(a.y) + row * a.cols;
    T* dx = static_cast<T*>(a.dx) + row * a.cols;
    double sum = 0;
    for (std::int64_t c = 0; c < a.cols; ++c) sum += double(a.log ? dy[c] : dy[c] * y[c]);
    const T total = T(sum);
    for (std::int64_t c = 0; c < a.cols; ++c) {
      const T value = a.log ? dy[c] - std::exp(y[c]) * total : y[c] * (dy[c] - total);
      dx[c] = beta == 0 ? value : beta * dx[c] + value;
    }
  });
}

MIEN_INSTANTIATE(softmax, SoftmaxArgs);
MIEN_INSTANTIATE(softmax_grad, SoftmaxGradArgs);

}  // namespace mien::cpu
