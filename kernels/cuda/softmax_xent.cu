// Cross-entropy of logits: softmax, logarithm and sum in one launch.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/row_targets.cuh"
#include "kernels/cuda/softmax.cuh"

namespace mien::cuda {
namespace {

struct SoftmaxXent {
  const float* x;
  Targets targets;
  float* loss;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const float* from = x + row.begin;
    const RowOfTargets target = targets.of(row);
    const float weight = targets.weight(row);
    const SoftmaxNorm norm = softmax_norm(row, from);
    const float log_sum = logf(norm.sum);
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) {
      const float t = target.at(c);
      // 0 times the infinity of a masked logit is 0
      if (t != 0) sum += t * (norm.largest - from[c] + log_sum);
    }
    sum = row.sum(sum);
    if (row.first()) loss[row.index] = sum * weight;
  }
};

struct SoftmaxXentGrad {
  const float* x;
  Targets targets;
  RowGradients gradients;
  float* dx;
  float beta;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const float* from = x + row.begin;
    float* to = dx + row.begin;
    const RowOfTargets target = targets.of(row);
    const float scale = gradients.of(row) * targets.weight(row);
    const SoftmaxNorm norm = softmax_norm(row, from);
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) sum += target.at(c);
    const float share = row.sum(sum) / norm.sum;
    for (int c = row.lane; c < row.end; c += team) {
      const float g = scale * (expf(from[c] - norm.largest) * share - target.at(c));
      to[c] = beta == 0 ? g : beta * to[c] + g;
    }
  }
};

}  // namespace

template <class T>
void softmax_xent(const SoftmaxXentArgs& a, StreamHandle stream) {
  for_each_row("softmax_xent", stream, a.rows, a.cols,
               SoftmaxXent{static_cast<const T*>(a.x), Targets(a.t, 1.0 / double(a.cols)),
                           static_cast<T*>(a.loss)});
}

template <class T>
void softmax_xent_grad(const SoftmaxXentGradArgs& a, StreamHandle stream) {
  for_each_row("softmax_xent_grad", stream, a.rows, a.cols,
               SoftmaxXentGrad{static_cast<const T*>(a.x), Targets(a.t, 1.0 / double(a.cols)),
                               gradients_of(a), static_cast<T*>(a.dx), float(a.beta)});
}

template void softmax_xent<float>(const SoftmaxXentArgs&, StreamHandle);
template void softmax_xent_grad<float>(const SoftmaxXentGradArgs&, StreamHandle);

}  // namespace mien::cuda
