#include "mien/optim/schedules.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/base/error.h"

namespace mien::optim {
namespace {

constexpr double kPi = 3.14159265358979323846;

void check_rate(const char* schedule, double rate) {
  MIEN_CHECK(std::isfinite(rate) && rate >= 0, ValueError, schedule,
             ": a learning rate must be finite and not negative; got ", rate);
}
void check_steps(const char* schedule, std::int64_t steps) {
  MIEN_CHECK(steps > 0, ValueError, schedule, ": the number of steps must be positive; got ",
             steps);
}

// From a to b by half a cosine; done in [0, 1].
double cosine(double a, double b, double done) {
  return b + (a - b) * 0.5 * (1 + std::cos(kPi * done));
}

}  // namespace

LearningRateSchedule::~LearningRateSchedule() = default;

LearningRate::LearningRate(double value) : value_(value) { check_rate("optimizer", value); }

StepDecay::StepDecay(double initial_learning_rate, std::int64_t step_size, double factor)
    : initial_(initial_learning_rate), factor_(factor), size_(step_size) {
  check_rate("StepDecay", initial_);
  check_rate("StepDecay", factor_);
  check_steps("StepDecay", size_);
}
double StepDecay::lr(std::int64_t step) const {
  return initial_ * std::pow(factor_, double(step / size_));
}

ExponentialDecay::ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                                   double decay_rate, ExponentialDecayOptions options)
    : initial_(initial_learning_rate),
      rate_(decay_rate),
      steps_(decay_steps),
      staircase_(options.staircase) {
  check_rate("ExponentialDecay", initial_);
  check_rate("ExponentialDecay", rate_);
  check_steps("ExponentialDecay", steps_);
}
double ExponentialDecay::lr(std::int64_t step) const {
  const double power = double(step) / double(steps_);
  return initial_ * std::pow(rate_, staircase_ ? std::floor(power) : power);
}

CosineDecay::CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
                         CosineDecayOptions options)
    : initial_(initial_learning_rate), steps_(decay_steps), options_(options) {
  check_rate("CosineDecay", initial_);
  check_rate("CosineDecay", options_.warmup_target.value_or(0));
  check_steps("CosineDecay", steps_);
  MIEN_CHECK(options_.warmup_steps >= 0, ValueError,
             "CosineDecay: warmup_steps must not be negative; got ", options_.warmup_steps);
}
double CosineDecay::lr(std::int64_t step) const {
  double highest = initial_;
  if (options_.warmup_target) {
    highest = *options_.warmup_target;
    if (step < options_.warmup_steps)
      return initial_ + (highest - initial_) * double(step) / double(options_.warmup_steps);
    step -= options_.warmup_steps;
  }
  const double done = double(std::min(step, steps_)) / double(steps_);
  return cosine(highest, options_.alpha * highest, done);
}

CosineDecayRestarts::CosineDecayRestarts(double initial_learning_rate,
                                         std::int64_t first_decay_steps,
                                         CosineDecayRestartsOptions options)
    : initial_(initial_learning_rate), first_(first_decay_steps), options_(options) {
  check_rate("CosineDecayRestarts", initial_);
  check_steps("CosineDecayRestarts", first_);
  MIEN_CHECK(options_.t_mul >= 1, ValueError, "CosineDecayRestarts: t_mul must be 1 or more; got ",
             options_.t_mul);
}
double CosineDecayRestarts::lr(std::int64_t step) const {
  double left = double(step), length = double(first_), restart = 0;
  if (options_.t_mul == 1) {
    restart = std::floor(left / length);
    left -= restart * length;
  }
  // Not by a logarithm, which rounds to the wrong side where a period ends.
  while (left >= length) {
    left -= length;
    length *= options_.t_mul;
    ++restart;
  }
  const double part = 0.5 * std::pow(options_.m_mul, restart) * (1 + std::cos(kPi * left / length));
  return initial_ * ((1 - options_.alpha) * part + options_.alpha);
}

OneCycle::OneCycle(double max_learning_rate, std::int64_t total_steps, OneCycleOptions options)
    : max_(max_learning_rate), steps_(total_steps), options_(options) {
  check_rate("OneCycle", max_);
  check_steps("OneCycle", steps_);
  MIEN_CHECK(0 < options_.warmup_fraction && options_.warmup_fraction < 1, ValueError,
             "OneCycle: warmup_fraction must be between 0 and 1; got ", options_.warmup_fraction);
  MIEN_CHECK(options_.div_factor > 0 && options_.final_div_factor > 0, ValueError,
             "OneCycle: the divisors must be positive; got ", options_.div_factor, " and ",
             options_.final_div_factor);
}
double OneCycle::lr(std::int64_t step) const {
  const double first = max_ / options_.div_factor, last = first / options_.final_div_factor;
  const double turn = options_.warmup_fraction * double(steps_) - 1, end = double(steps_ - 1);
  const double at = std::min(double(step), end);
  if (at <= turn) return turn > 0 ? cosine(first, max_, at / turn) : max_;
  return end > turn ? cosine(max_, last, (at - turn) / (end - turn)) : last;
}

PiecewiseConstantDecay::PiecewiseConstantDecay(std::vector<std::int64_t> boundaries,
                                               std::vector<double> values)
    : boundaries_(std::move(boundaries)), values_(std::move(values)) {
  MIEN_CHECK(values_.size() == boundaries_.size() + 1, ValueError,
             "PiecewiseConstantDecay: one value more than boundaries is needed; got ",
             values_.size(), " for ", boundaries_.size());
  MIEN_CHECK(std::is_sorted(boundaries_.begin(), boundaries_.end()), ValueError,
             "PiecewiseConstantDecay: boundaries must rise");
  for (const double value : values_) check_rate("PiecewiseConstantDecay", value);
}
double PiecewiseConstantDecay::lr(std::int64_t step) const {
  const auto first = std::lower_bound(boundaries_.begin(), boundaries_.end(), step);
  return values_[std::size_t(first - boundaries_.begin())];
}

}  // namespace mien::optim
