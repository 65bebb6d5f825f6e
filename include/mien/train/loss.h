#pragma once

#include <string>
#include <utility>

#include "mien/base/callable.h"
#include "mien/tensor.h"

namespace mien {

/// What a Trainer makes small: a function of targets and predictions. One of namespace loss, or any
/// function of one's own that gives a loss for each sample, [N] or [N, ...]:
///
/// ```cpp
/// Loss squares([](const Tensor& targets, const Tensor& predictions) {
///   return mean(square(predictions - targets), -1);
/// });
/// ```
class Loss {
 public:
  /// Targets, predictions and the samples' weights [N] (undefined: all 1) to a scalar.
  using Weighted = Callable<Tensor(const Tensor&, const Tensor&, const Tensor&)>;
  using PerSample = Callable<Tensor(const Tensor&, const Tensor&)>;

  /// None: a Trainer without one predicts only.
  Loss() = default;
  /// The loss is sum(loss * weight) / number, over all the losses it gives, as in Keras. A function
  /// that gives a scalar is taken as it is; the samples cannot have weights then.
  template <class F>
  requires(std::is_invocable_r_v<Tensor, F&, const Tensor&, const Tensor&>)
      Loss(F function, std::string name = "")
      : Loss(PerSample(std::move(function)), std::move(name)) {}
  Loss(PerSample function, std::string name = "");
  /// A function that weights and averages by itself.
  Loss(Weighted function, std::string name);

  /// Whether the function does the same at every step but for the values of its tensors, so that a
  /// device may do a captured step again: so are mien's own. False at first for others.
  Loss& set_replayable(bool replayable = true);
  bool replayable() const { return replayable_; }

  /// Whether there is a function.
  explicit operator bool() const { return bool(function_); }
  /// Keras's name, such as "mean_squared_error"; empty for a function without one.
  const std::string& name() const { return name_; }

  /// A scalar. sample_weight: [N], or undefined. Throws ValueError without a function, and
  /// ShapeError where it gives other than a scalar or one value (or more) for each sample.
  Tensor operator()(const Tensor& targets, const Tensor& predictions,
                    const Tensor& sample_weight = {}) const;

 private:
  Weighted function_;
  std::string name_;
  bool replayable_ = false;
};

/// Keras's losses, with its names, defaults and formulas; see mien/ops/losses.h for them.
namespace loss {

/// How the cross-entropies read targets and predictions.
struct CrossEntropyOptions {
  bool from_logits = false;    // predictions are not probabilities yet
  double label_smoothing = 0;  // s in [0, 1]: targets t become t (1 - s) + s / C
};

/// For targets that are one-hot or probabilities, [N, C].
Loss categorical_crossentropy(CrossEntropyOptions options = {});
/// For targets that are class numbers, [N] of i32.
Loss sparse_categorical_crossentropy(CrossEntropyOptions options = {});
/// For targets 0 and 1, or between, each by itself.
Loss binary_crossentropy(CrossEntropyOptions options = {});
/// Mean squared error.
Loss mse();
/// Mean absolute error.
Loss mae();
/// Squares up to delta, a line from there on. Throws ValueError unless delta > 0.
Loss huber(double delta = 1);
/// Kullback-Leibler divergence of the predicted probabilities from the targets.
Loss kl();

}  // namespace loss
}  // namespace mien
