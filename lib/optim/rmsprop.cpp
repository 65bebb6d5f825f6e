#include "mien/optim/rmsprop.h"

#include <utility>

#include "lib/optim/common.h"
#include "mien/state.h"

namespace mien::optim {

RMSprop::RMSprop(LearningRate lr, RMSpropOptions options)
    : Optimizer(std::move(lr), common(options)),
      rho_(options.rho),
      momentum_(options.momentum),
      epsilon_(options.epsilon),
      centered_(options.centered) {
  check_fraction("RMSprop", "rho", rho_);
  check_fraction("RMSprop", "momentum", momentum_);
  check_not_negative("RMSprop", "epsilon", epsilon_);
}

void RMSprop::describe(State& settings) const {
  settings.set("rho", rho_);
  settings.set("momentum", momentum_);
  settings.set("epsilon", epsilon_);
  settings.set("centered", centered_);
}

std::vector<OptimizerSlot> RMSprop::slots() const {
  std::vector<OptimizerSlot> out{{"velocity"}};
  if (centered_) out.push_back({"average_gradient"});
  if (momentum_ > 0) out.push_back({"momentum"});
  return out;
}

std::optional<double> RMSprop::step_size(double lr, std::int64_t) const { return lr; }

void RMSprop::update(const OptimizerUpdate& u) const {
  run("RMSprop", u.weights, &KernelTable::rmsprop,
      RmspropArgs{.n = u.weights.numel(),
                  .w = u.weights.raw(),
                  .mean_square = u.slots[0].raw(),
                  .mean_gradient = centered_ ? u.slots[1].raw() : nullptr,
                  .velocity = momentum_ > 0 ? u.slots.back().raw() : nullptr,
                  .g = u.gradient.raw(),
                  .g_scale = u.gradient_scale,
                  .lr = u.lr,
                  .rho = rho_,
                  .momentum = momentum_,
                  .epsilon = epsilon_,
                  .decay = u.decay,
                  .live = u.live,
                  .live_scale = u.live_scale});
}

}  // namespace mien::optim
