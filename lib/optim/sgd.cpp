#include "mien/optim/sgd.h"

#include <utility>

#include "lib/optim/common.h"
#include "mien/state.h"

namespace mien::optim {

SGD::SGD(LearningRate lr, SGDOptions options)
    : Optimizer(std::move(lr), common(options)),
      momentum_(options.momentum),
      nesterov_(options.nesterov) {
  MIEN_CHECK(0 <= momentum_ && momentum_ <= 1, ValueError, "SGD: momentum must be in [0, 1]; got ",
             momentum_);
}

void SGD::describe(State& settings) const {
  settings.set("momentum", momentum_);
  settings.set("nesterov", nesterov_);
}

std::vector<OptimizerSlot> SGD::slots() const {
  if (momentum_ == 0) return {};
  return {{"momentum"}};
}

std::optional<double> SGD::step_size(double lr, std::int64_t) const { return lr; }

void SGD::update(const OptimizerUpdate& u) const {
  run("SGD", u.weights, &KernelTable::sgd,
      SgdArgs{.n = u.weights.numel(),
              .w = u.weights.raw(),
              .velocity = u.slots.empty() ? nullptr : u.slots[0].raw(),
              .g = u.gradient.raw(),
              .g_scale = u.gradient_scale,
              .lr = u.lr,
              .momentum = momentum_,
              .decay = u.decay,
              .nesterov = nesterov_,
              .live = u.live,
              .live_scale = u.live_scale});
}

}  // namespace mien::optim
