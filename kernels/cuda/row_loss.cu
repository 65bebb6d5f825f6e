// Losses between predictions and targets, summed or averaged over each row.
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/row_targets.cuh"

namespace mien::cuda {
namespace {

// Keras's epsilon(). 1 - 1e-7 lies between floats: what is above it is above this one too. What
// the logarithms of both bounds are is written out, since 1 - kHigh is a fifth off in f32.
constexpr float kLow = 1e-7f, kHigh = 0.9999999f;
constexpr float kLogLow = -16.11809565f, kLogHigh = -1.00000005e-7f;

__device__ __forceinline__ bool inside(float p, float high) { return p >= kLow && p <= high; }
// log(clip(p)) and log(1 - clip(p)), clipped to [kLow, kHigh].
__device__ __forceinline__ float log_clipped(float p) {
  return p < kLow ? kLogLow : p > kHigh ? kLogHigh : logf(p);
}
__device__ __forceinline__ float log_rest_clipped(float p) {
  return p < kLow ? kLogHigh : p > kHigh ? kLogLow : log1pf(-p);
}
__device__ __forceinline__ float clip_to_one(float p) {
  return p < kLow ? kLow : p > 1.0f ? 1.0f : p;
}

__device__ __forceinline__ float sigmoid(float x) {
  const float e = expf(-fabsf(x));
  return (x >= 0 ? 1.0f : e) / (1.0f + e);
}

// One element's loss f(x, t) and df / dx. For crossentropy x is p / sum p.
struct ElementLoss {
  RowLoss op;
  float delta;

  __device__ float value(float x, float t) const {
    switch (op) {
      case RowLoss::crossentropy:
        return t == 0 ? 0.0f : -t * log_clipped(x);
      case RowLoss::binary:
        return -(t * log_clipped(x) + (1 - t) * log_rest_clipped(x));
      case RowLoss::binary_logits:
        return fmaxf(x, 0.0f) - x * t + log1pf(expf(-fabsf(x)));
      case RowLoss::squared:
        return (x - t) * (x - t);
      case RowLoss::absolute:
        return fabsf(x - t);
      case RowLoss::huber: {
        const float e = fabsf(x - t);
        return e <= delta ? 0.5f * e * e : delta * (e - 0.5f * delta);
      }
      case RowLoss::kl: {
        const float wanted = clip_to_one(t), p = clip_to_one(x), apart = (wanted - p) / p;
        // Near 1 a quotient has lost what its logarithm is made of.
        return wanted * (fabsf(apart) < 0.5f ? log1pf(apart) : logf(wanted / p));
      }
    }
    return 0;
  }

  __device__ float slope(float x, float t) const {
    switch (op) {
      case RowLoss::crossentropy:
        return inside(x, kHigh) ? -t / x : 0.0f;
      case RowLoss::binary:
        return inside(x, kHigh) ? (x - t) / (x * (1 - x)) : 0.0f;
      case RowLoss::binary_logits:
        return sigmoid(x) - t;
      case RowLoss::squared:
        return 2 * (x - t);
      case RowLoss::absolute:
        return float(x > t) - float(x < t);
      case RowLoss::huber: {
        const float e = x - t;
        return e < -delta ? -delta : e > delta ? delta : e;
      }
      case RowLoss::kl:
        return inside(x, 1.0f) ? -clip_to_one(t) / x : 0.0f;
    }
    return 0;
  }

  __device__ bool normalized() const { return op == RowLoss::crossentropy; }
  // Keras sums these over a row and averages the others.
  float share(std::int64_t cols) const {
    return op == RowLoss::crossentropy || op == RowLoss::kl ? 1.0f : float(1.0 / double(cols));
  }
};

// What a row's elements are divided by first.
template <int team>
__device__ __forceinline__ float divisor(const ElementLoss& f, Row<team>& row, const float* x) {
  if (!f.normalized()) return 1.0f;
  float sum = 0;
  for (int c = row.lane; c < row.end; c += team) sum += x[c];
  return row.sum(sum);
}

struct Loss {
  ElementLoss f;
  float share;
  const float* x;
  Targets targets;
  float* loss;

  template <int team>
  __device__ void operator()(Row<team>& row) const {
    const float* from = x + row.begin;
    const RowOfTargets target = targets.of(row);
    const float weight = targets.weight(row), total = divisor(f, row, from);
    float sum = 0;
    for (int c = row.lane; c < row.end; c += team) sum += f.value(from[c] / total, target.at(c));
    sum = row.sum(sum);
    if (row.first()) loss[row.index] = sum * share * weight;
  }
};

struct LossGrad {
  ElementLoss f;
  float share;
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
    const float weight = targets.weight(row), total = divisor(f, row, from);
    const float scale = share * gradients.of(row) * weight / total;
    // Through p = x / sum x: dx = (dp - sum p dp) / sum x.
    float along = 0;
    if (f.normalized()) {
      for (int c = row.lane; c < row.end; c += team) {
        const float p = from[c] / total;
        along += p * f.slope(p, target.at(c));
      }
      along = row.sum(along);
    }
    for (int c = row.lane; c < row.end; c += team) {
      const float g = scale * (f.slope(from[c] / total, target.at(c)) - along);
      to[c] = beta == 0 ? g : beta * to[c] + g;
    }
  }
};

Targets targets_of(const RowTargets& t, RowLoss op, std::int64_t cols) {
  return Targets(t, op == RowLoss::crossentropy ? 1.0 / double(cols) : 0.5);
}

}  // namespace

template <class T>
void row_loss(const RowLossArgs& a, StreamHandle stream) {
  const ElementLoss f{a.op, float(a.delta)};
  for_each_row("row_loss", stream, a.rows, a.cols,
               Loss{f, f.share(a.cols), static_cast<const T*>(a.x), targets_of(a.t, a.op, a.cols),
                    static_cast<T*>(a.loss)});
}

template <class T>
void row_loss_grad(const RowLossGradArgs& a, StreamHandle stream) {
  const ElementLoss f{a.op, float(a.delta)};
  for_each_row(
      "row_loss_grad", stream, a.rows, a.cols,
      LossGrad{f, f.share(a.cols), static_cast<const T*>(a.x), targets_of(a.t, a.op, a.cols),
               gradients_of(a), static_cast<T*>(a.dx), float(a.beta)});
}

template void row_loss<float>(const RowLossArgs&, StreamHandle);
template void row_loss_grad<float>(const RowLossGradArgs&, StreamHandle);

}  // namespace mien::cuda
