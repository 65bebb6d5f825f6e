// softmax and its logarithm over rows.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/softmax.cuh"

namespace mien::cuda {
namespace {

struct Softmax {
  bool log;
  const float* x;
  float* y;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const float* from = x + row.begin;
    float* to = y + row.begin;
    const SoftmaxNorm norm = softmax_norm(row, from);
    const float scale = 1.0f / norm.sum, shift = logf(norm.sum);
    for (int c = row.lane; c < row.end; c += team) {
      const float distance = from[c] - norm.largest;
      to[c] = log ? distance - shift : expf(distance) * scale;
    }
  }
};

struct SoftmaxGrad {
  bool log;
  const float *dy, *y;
  float* dx;
  float beta;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const float *g = dy + row.begin, *out = y + row.begin;
    float* to = dx + row.begin;
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) sum += log ? g[c] : g[c] * out[c];
    const float total = row.sum(sum);
    for (int c = row.lane; c < row.end; c += team) {
      const float value = log ? g[c] - expf(out[c]) * total : out[c] * (g[c] - total);
      to[c] = beta == 0 ? value : beta * to[c] + value;
    }
  }
};

}  // namespace

template <class T>
void softmax(const SoftmaxArgs& a, StreamHandle stream) {
  for_each_row("softmax", stream, a.rows, a.cols,
               Softmax{a.log, static_cast<const T*>(a.x), static_cast<T*>(a.y)});
}

template <class T>
void softmax_grad(const SoftmaxGradArgs& a, StreamHandle stream) {
  for_each_row("softmax_grad", stream, a.rows, a.cols,
               SoftmaxGrad{a.log, static_cast<const T*>(a.dy), static_cast<const T*>(a.y),
                           static_cast<T*>(a.dx), float(a.beta)});
}

template void softmax<float>(const SoftmaxArgs&, StreamHandle);
template void softmax_grad<float>(const SoftmaxGradArgs&, StreamHandle);

}  // namespace mien::cuda
