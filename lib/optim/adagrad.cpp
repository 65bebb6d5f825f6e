#include "mien/optim/adagrad.h"

#include <utility>

#include "lib/optim/common.h"

namespace mien::optim {

Adagrad::Adagrad(LearningRate lr, AdagradOptions options)
    : Optimizer(std::move(lr), common(options)),
      initial_(options.initial_accumulator_value),
      epsilon_(options.epsilon) {
  check_not_negative("Adagrad", "initial_accumulator_value", initial_);
  check_not_negative("Adagrad", "epsilon", epsilon_);
}

std::vector<OptimizerSlot> Adagrad::slots() const { return {{"accumulator", initial_}}; }

std::optional<double> Adagrad::step_size(double lr, std::int64_t) const { return lr; }

void Adagrad::update(const OptimizerUpdate& u) const {
  run("Adagrad", u.weights, &KernelTable::adagrad,
      AdagradArgs{.n = u.weights.numel(),
                  .w = u.weights.raw(),
                  .sum = u.slots[0].raw(),
                  .g = u.gradient.raw(),
                  .g_scale = u.gradient_scale,
                  .lr = u.lr,
                  .epsilon = epsilon_,
                  .decay = u.decay,
                  .live = u.live,
                  .live_scale = u.live_scale});
}

}  // namespace mien::optim
