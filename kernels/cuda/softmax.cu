// softmax and its logarithm over rows.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/softmax.cuh"

namespace mien::cuda {
namespace {

template <class T>
struct Softmax {
  bool log;
  const T* x;
  T* y;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const T* from = x + row.begin;
    T* to = y + row.begin;
    const SoftmaxNorm norm = softmax_norm(row, from);
    const float scale = 1.0f / norm.sum, shift = logf(norm.sum);
    for (int c = row.lane; c < row.end; c += team) {
      const float distance = as_float(from[c]) - norm.largest;
      to[c] = from_float<T>(log ? distance - shift : expf(distance) * scale);
    }
  }
};

template <class T>
struct SoftmaxGrad {
  bool log;
  const T *dy, *y;
  T* dx;
  float beta;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const T *from = dy + row.begin, *out = y + row.begin;
    T* to = dx + row.begin;
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) {
      const float g = as_float(from[c]);
      sum += log ? g : g * as_float(out[c]);
    }
    const float total = row.sum(sum);
    for (int c = row.lane; c < row.end; c += team) {
      const float g = as_float(from[c]), p = as_float(out[c]);
      const float value = log ? g - expf(p) * total : p * (g - total);
      to[c] = from_float<T>(beta == 0 ? value : beta * as_float(to[c]) + value);
    }
  }
};

}  // namespace

template <class T>
void softmax(const SoftmaxArgs& a, StreamHandle stream) {
  for_each_row("softmax", stream, a.rows, a.cols,
               Softmax<T>{a.log, static_cast<const T*>(a.x), static_cast<T*>(a.y)});
}

template <class T>
void softmax_grad(const SoftmaxGradArgs& a, StreamHandle stream) {
  for_each_row("softmax_grad", stream, a.rows, a.cols,
               SoftmaxGrad<T>{a.log, static_cast<const T*>(a.dy), static_cast<const T*>(a.y),
                              static_cast<T*>(a.dx), float(a.beta)});
}

template void softmax<float>(const SoftmaxArgs&, StreamHandle);
template void softmax<bf16>(const SoftmaxArgs&, StreamHandle);
template void softmax_grad<float>(const SoftmaxGradArgs&, StreamHandle);
template void softmax_grad<bf16>(const SoftmaxGradArgs&, StreamHandle);

}  // namespace mien::cuda
