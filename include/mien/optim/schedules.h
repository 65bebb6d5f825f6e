#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mien/optim/learning_rate.h"

// Learning rates over the steps (batches) of a training, with Keras's names, argument order and
// formulas where Keras has them. Constructors throw ValueError for numbers out of range.

namespace mien::optim {

/// initial * factor^floor(step / step_size); PyTorch's StepLR.
class StepDecay : public LearningRateSchedule {
 public:
  StepDecay(double initial_learning_rate, std::int64_t step_size, double factor = 0.1);
  double lr(std::int64_t step) const override;

 private:
  double initial_, factor_;
  std::int64_t size_;
};

/// Options of ExponentialDecay.
struct ExponentialDecayOptions {
  bool staircase = false;  // whole multiples of decay_steps only
};
/// initial * decay_rate^(step / decay_steps).
///
/// ```cpp
/// optim::SGD sgd(optim::ExponentialDecay(0.1, 100, 0.5));
/// double later = optim::ExponentialDecay(0.1, 100, 0.5).lr(100);  // 0.05
/// ```
class ExponentialDecay : public LearningRateSchedule {
 public:
  ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps, double decay_rate,
                   ExponentialDecayOptions options = {});
  double lr(std::int64_t step) const override;

 private:
  double initial_, rate_;
  std::int64_t steps_;
  bool staircase_;
};

/// Options of CosineDecay.
struct CosineDecayOptions {
  double alpha = 0;                       // the lowest rate, as a part of the highest
  std::optional<double> warmup_target{};  // highest rate, reached from initial in warmup_steps
  std::int64_t warmup_steps = 0;
};
/// Half a cosine from the initial rate (after a warm-up: from warmup_target) down to alpha times
/// it, in decay_steps, then constant. Without warmup_target, warmup_steps has no effect, as in
/// Keras.
class CosineDecay : public LearningRateSchedule {
 public:
  CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
              CosineDecayOptions options = {});
  double lr(std::int64_t step) const override;

 private:
  double initial_;
  std::int64_t steps_;
  CosineDecayOptions options_;
};

/// Options of CosineDecayRestarts.
struct CosineDecayRestartsOptions {
  double t_mul = 2;  // each period is so much longer than the one before
  double m_mul = 1;  // and starts at so much of its rate
  double alpha = 0;  // the lowest rate, as a part of the initial one
};
/// Cosine decays one after the other, the first in first_decay_steps (SGDR, Loshchilov and Hutter,
/// 2017).
class CosineDecayRestarts : public LearningRateSchedule {
 public:
  CosineDecayRestarts(double initial_learning_rate, std::int64_t first_decay_steps,
                      CosineDecayRestartsOptions options = {});
  double lr(std::int64_t step) const override;

 private:
  double initial_;
  std::int64_t first_;
  CosineDecayRestartsOptions options_;
};

/// Options of OneCycle.
struct OneCycleOptions {
  double warmup_fraction = 0.3;   // of total_steps, in which the rate rises
  double div_factor = 25;         // it starts at max / div_factor
  double final_div_factor = 1e4;  // and ends at start / final_div_factor
};
/// Up to max_learning_rate and down again, both by half a cosine, in total_steps; constant after
/// them. PyTorch's OneCycleLR (Smith and Topin, 2018).
class OneCycle : public LearningRateSchedule {
 public:
  OneCycle(double max_learning_rate, std::int64_t total_steps, OneCycleOptions options = {});
  double lr(std::int64_t step) const override;

 private:
  double max_;
  std::int64_t steps_;
  OneCycleOptions options_;
};

/// values[0] up to and with step boundaries[0], values[1] up to and with boundaries[1], and so on:
/// one value more than boundaries, which rise.
class PiecewiseConstantDecay : public LearningRateSchedule {
 public:
  PiecewiseConstantDecay(std::vector<std::int64_t> boundaries, std::vector<double> values);
  double lr(std::int64_t step) const override;

 private:
  std::vector<std::int64_t> boundaries_;
  std::vector<double> values_;
};

}  // namespace mien::optim
