// Losses between predictions and targets, summed or averaged over each row.
#include <cmath>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/row_targets.h"

namespace mien::cpu {
namespace {

constexpr double kLow = 1e-7, kHigh = 1 - 1e-7;  // Keras's epsilon()

double clip(double p, double high) { return p < kLow ? kLow : p > high ? high : p; }
bool inside(double p, double high) { return p >= kLow && p <= high; }
double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// One element's loss f(x, t) and df / dx. For crossentropy x is p / sum p.
struct Crossentropy {
  double value(double p, double t) const { return t == 0 ? 0 : -t * std::log(clip(p, kHigh)); }
  double slope(double p, double t) const { return inside(p, kHigh) ? -t / p : 0; }
};
struct Binary {
  double value(double p, double t) const {
    const double q = clip(p, kHigh);
    return -(t * std::log(q) + (1 - t) * std::log(1 - q));
  }
  double slope(double p, double t) const { return inside(p, kHigh) ? (p - t) / (p * (1 - p)) : 0; }
};
struct BinaryLogits {
  double value(double x, double t) const {
    return std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)));
  }
  double slope(double x, double t) const { return sigmoid(x) - t; }
};
struct Squared {
  double value(double x, double t) const { return (x - t) * (x - t); }
  double slope(double x, double t) const { return 2 * (x - t); }
};
struct Absolute {
  double value(double x, double t) const { return std::abs(x - t); }
  double slope(double x, double t) const { return double(x > t) - double(x < t); }
};
struct Huber {
  double delta;
  double value(double x, double t) const {
    const double e = std::abs(x - t);
    return e <= delta ? 0.5 * e * e : delta * (e - 0.5 * delta);
  }
  double slope(double x, double t) const {
    const double e = x - t;
    return e < -delta ? -delta : e > delta ? delta : e;
  }
};
struct Kl {
  double value(double p, double t) const {
    const double wanted = clip(t, 1.0);
    return wanted * std::log(wanted / clip(p, 1.0));
  }
  double slope(double p, double t) const { return inside(p, 1.0) ? -clip(t, 1.0) / p : 0; }
};

// body(element loss, whether rows are summed, whether they are brought to sum 1 first)
template <class F>
void with_loss(RowLoss op, double delta, F&& body) {
  switch (op) {
    case RowLoss::crossentropy:
      return body(Crossentropy{}, true, true);
    case RowLoss::binary:
      return body(Binary{}, false, false);
    case RowLoss::binary_logits:
      return body(BinaryLogits{}, false, false);
    case RowLoss::squared:
      return body(Squared{}, false, false);
    case RowLoss::absolute:
      return body(Absolute{}, false, false);
    case RowLoss::huber:
      return body(Huber{delta}, false, false);
    case RowLoss::kl:
      return body(Kl{}, true, false);
  }
}

double spread_of(RowLoss op, std::int64_t cols) {
  return op == RowLoss::crossentropy ? 1.0 / double(cols) : 0.5;
}

template <class T>
double sum_of(const T* x, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += double(x[i]);
  return sum;
}

}  // namespace

template <class T>
void row_loss(const RowLossArgs& a, StreamHandle) {
  const Targets<T> targets(a.t, a.cols, spread_of(a.op, a.cols));
  with_loss(a.op, a.delta, [&](auto f, bool summed, bool normalized) {
    const double share = summed ? 1.0 : 1.0 / double(a.cols);
    parallel_ranges(a.rows, loss_grain(a.cols), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const T* x = static_cast<const T*>(a.x) + r * a.cols;
        const double sum = normalized ? sum_of(x, a.cols) : 1.0;
        double loss = 0;
        for (std::int64_t c = 0; c < a.cols; ++c)
          loss += f.value(double(x[c]) / sum, double(targets.at(r, c)));
        static_cast<T*>(a.loss)[r] = T(loss * share * double(targets.weight(r)));
      }
    });
  });
}

template <class T>
void row_loss_grad(const RowLossGradArgs& a, StreamHandle) {
  const Targets<T> targets(a.t, a.cols, spread_of(a.op, a.cols));
  const T beta = T(a.beta), dloss_scale = T(a.dloss_scale);
  with_loss(a.op, a.delta, [&](auto f, bool summed, bool normalized) {
    const double share = summed ? 1.0 : 1.0 / double(a.cols);
    parallel_ranges(a.rows, loss_grain(a.cols), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const T* x = static_cast<const T*>(a.x) + r * a.cols;
        T* dx = static_cast<T*>(a.dx) + r * a.cols;
        const T dloss = dloss_scale * static_cast<const T*>(a.dloss)[r * a.dloss_stride];
        const double scale = share * double(dloss) * double(targets.weight(r));
        // Through p = x / sum x: dx = (dp - sum p dp) / sum x.
        const double sum = normalized ? sum_of(x, a.cols) : 1.0;
        double along = 0;
        for (std::int64_t c = 0; normalized && c < a.cols; ++c)
          along += double(x[c]) / sum * f.slope(double(x[c]) / sum, double(targets.at(r, c)));
        for (std::int64_t c = 0; c < a.cols; ++c) {
          const double slope = f.slope(double(x[c]) / sum, double(targets.at(r, c)));
          const T g = T(scale * (slope - along) / sum);
          dx[c] = beta == 0 ? g : beta * dx[c] + g;
        }
      }
    });
  });
}

MIEN_INSTANTIATE(row_loss, RowLossArgs);
MIEN_INSTANTIATE(row_loss_grad, RowLossGradArgs);

}  // namespace mien::cpu
