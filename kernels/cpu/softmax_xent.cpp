// Cross-entropy of logits: softmax, logarithm and sum in one pass over a row.
#include <cmath>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/row_targets.h"

namespace mien::cpu {
namespace {

// log sum exp of a row; its largest value is taken out first, so that nothing overflows.
template <class T>
double log_sum_exp(const T* x, std::int64_t cols) {
  const T largest = *std::max_element(x, x + cols);
  double sum = 0;
  for (std::int64_t c = 0; c < cols; ++c) sum += std::exp(double(x[c]) - double(largest));
  return double(largest) + std::log(sum);
}

}  // namespace

template <class T>
void softmax_xent(const SoftmaxXentArgs& a, StreamHandle) {
  const Targets<T> targets(a.t, a.cols, 1.0 / double(a.cols));
  parallel_ranges(a.rows, loss_grain(a.cols), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const T* x = static_cast<const T*>(a.x) + r * a.cols;
      const double norm = log_sum_exp(x, a.cols);
      double loss = 0;
      for (std::int64_t c = 0; c < a.cols; ++c) {
        const double t = targets.at(r, c);
        if (t != 0)
          loss += t * (norm - double(x[c]));  // 0 times the infinity of a masked logit is 0
      }
      static_cast<T*>(a.loss)[r] = T(loss * double(targets.weight(r)));
    }
  });
}

template <class T>
void softmax_xent_grad(const SoftmaxXentGradArgs& a, StreamHandle) {
  const Targets<T> targets(a.t, a.cols, 1.0 / double(a.cols));
  const T beta = T(a.beta), share = T(a.dloss_scale);
  parallel_ranges(a.rows, loss_grain(a.cols), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const T* x = static_cast<const T*>(a.x) + r * a.cols;
      T* dx = static_cast<T*>(a.dx) + r * a.cols;
      const double norm = log_sum_exp(x, a.cols);
      const T dloss = share * static_cast<const T*>(a.dloss)[r * a.dloss_stride];
      const double scale = double(dloss) * double(targets.weight(r));
      double total = 0;
      for (std::int64_t c = 0; c < a.cols; ++c) total += double(targets.at(r, c));
      for (std::int64_t c = 0; c < a.cols; ++c) {
        const double p = std::exp(double(x[c]) - norm);
        const T g = T(scale * (p * total - double(targets.at(r, c))));
        dx[c] = beta == 0 ? g : beta * dx[c] + g;
      }
    }
  });
}

MIEN_INSTANTIATE(softmax_xent, SoftmaxXentArgs);
MIEN_INSTANTIATE(softmax_xent_grad, SoftmaxXentGradArgs);

}  // namespace mien::cpu
