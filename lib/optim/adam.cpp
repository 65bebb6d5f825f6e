#include "mien/optim/adam.h"

#include <cmath>
#include <utility>

#include "lib/optim/common.h"
#include "mien/state.h"

namespace mien::optim {

Adam::Adam(LearningRate lr, AdamOptions options)
    : Optimizer(std::move(lr), common(options)),
      beta_1_(options.beta_1),
      beta_2_(options.beta_2),
      epsilon_(options.epsilon) {
  check_fraction("Adam", "beta_1", beta_1_);
  check_fraction("Adam", "beta_2", beta_2_);
  check_not_negative("Adam", "epsilon", epsilon_);
}

void Adam::describe(State& settings) const {
  settings.set("beta_1", beta_1_);
  settings.set("beta_2", beta_2_);
  settings.set("epsilon", epsilon_);
}

std::vector<OptimizerSlot> Adam::slots() const { return {{"momentum"}, {"velocity"}}; }

std::optional<double> Adam::step_size(double lr, std::int64_t step) const {
  const double t = double(step);
  return lr * std::sqrt(1 - std::pow(beta_2_, t)) / (1 - std::pow(beta_1_, t));
}

void Adam::update(const OptimizerUpdate& u) const {
  run("Adam", u.weights, &KernelTable::adam,
      AdamArgs{.n = u.weights.numel(),
               .w = u.weights.raw(),
               .m = u.slots[0].raw(),
               .v = u.slots[1].raw(),
               .g = u.gradient.raw(),
               .g_scale = u.gradient_scale,
               .alpha = *step_size(u.lr, u.step),
               .beta1 = beta_1_,
               .beta2 = beta_2_,
               .epsilon = epsilon_,
               .decay = u.decay,
               .live = u.live,
               .live_scale = u.live_scale});
}

AdamW::AdamW(LearningRate lr, const AdamWOptions& o)
    : Adam(std::move(lr), {.beta_1 = o.beta_1,
                           .beta_2 = o.beta_2,
                           .epsilon = o.epsilon,
                           .weight_decay = o.weight_decay,
                           .exclude_from_weight_decay = o.exclude_from_weight_decay,
                           .decay_vectors = o.decay_vectors,
                           .clipnorm = o.clipnorm,
                           .global_clipnorm = o.global_clipnorm,
                           .clipvalue = o.clipvalue,
                           .use_ema = o.use_ema,
                           .ema_momentum = o.ema_momentum}) {}

}  // namespace mien::optim
