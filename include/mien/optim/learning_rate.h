#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace mien::optim {

/// A learning rate that depends on the number of steps taken so far. Derive from it to make one of
/// your own, or take one of mien/optim/schedules.h:
///
/// ```cpp
/// class Warmup : public optim::LearningRateSchedule {
///  public:
///   double lr(std::int64_t step) const override {
///     return step < 100 ? 1e-5 * double(step + 1) : 1e-3;
///   }
/// };
/// optim::Adam adam{Warmup()};
/// ```
class LearningRateSchedule {
 public:
  LearningRateSchedule() = default;
  LearningRateSchedule(const LearningRateSchedule&) = default;
  LearningRateSchedule& operator=(const LearningRateSchedule&) = default;
  LearningRateSchedule(LearningRateSchedule&&) = default;
  LearningRateSchedule& operator=(LearningRateSchedule&&) = default;
  virtual ~LearningRateSchedule();
  /// The rate for the step that follows `step` earlier ones.
  virtual double lr(std::int64_t step) const = 0;
};

/// What an optimizer takes as its learning rate: a number, or a schedule.
class LearningRate {
 public:
  /// Throws ValueError unless value is finite and not negative.
  LearningRate(double value);
  template <std::derived_from<LearningRateSchedule> S>
  LearningRate(S schedule) : schedule_(std::make_unique<S>(std::move(schedule))) {}

  /// The rate after `step` steps.
  double at(std::int64_t step) const { return schedule_ ? schedule_->lr(step) : value_; }
  /// Whether a schedule gives it.
  bool scheduled() const { return schedule_ != nullptr; }

 private:
  double value_ = 0;
  std::unique_ptr<LearningRateSchedule> schedule_;
};

}  // namespace mien::optim
