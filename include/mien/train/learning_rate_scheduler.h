#pragma once

#include <concepts>
#include <string>
#include <utility>

#include "mien/optim/learning_rate.h"
#include "mien/train/callback.h"

namespace mien {

/// Options of LearningRateScheduler.
struct LearningRateSchedulerOptions {
  int verbose = 0;  // 1: says the rate of each epoch
};

/// Sets the learning rate at the beginning of each epoch to schedule(epoch, rate so far), epochs
/// from 0. Keras's LearningRateScheduler.
///
/// ```cpp
/// LearningRateScheduler halve_each_tenth([](int epoch, double lr) {
///   return epoch > 0 && epoch % 10 == 0 ? lr / 2 : lr;
/// });
/// ```
class LearningRateScheduler : public Callback {
 public:
  using Schedule = Callable<double(int epoch, double lr)>;
  explicit LearningRateScheduler(Schedule schedule, LearningRateSchedulerOptions options = {});
  /// One of mien/optim/schedules.h, with epochs as its steps.
  template <std::derived_from<optim::LearningRateSchedule> S>
  explicit LearningRateScheduler(S schedule, LearningRateSchedulerOptions options = {})
      : LearningRateScheduler(
            Schedule([s = std::move(schedule)](int epoch, double) { return s.lr(epoch); }),
            options) {}

  std::string name() const override { return "LearningRateScheduler"; }
  void on_epoch_begin(int epoch, TrainContext& context) override;

 private:
  Schedule schedule_;
  LearningRateSchedulerOptions options_;
};

}  // namespace mien
