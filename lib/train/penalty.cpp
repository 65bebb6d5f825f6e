#include "lib/train/penalty.h"

#include "mien/autograd.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"

namespace mien {
namespace {

struct PenaltyGrad {
  static constexpr const char* name = "penalty";
  SavedTensor weight;
  nn::Regularizer regularizer;

  void backward(const GradIn& dy, GradOut& dx) {
    const Tensor w = weight.unpack();
    if (regularizer.l1 != 0) dx.add(0, sign(w) * (dy[0] * regularizer.l1));
    if (regularizer.l2 != 0) dx.add(0, w * (dy[0] * (2 * regularizer.l2)));
  }
};

Tensor value_of(const nn::Module::Penalty& penalty) {
  const nn::Regularizer& r = penalty.regularizer;
  if (r.l1 == 0) return sum(square(penalty.weight)) * r.l2;
  if (r.l2 == 0) return sum(abs(penalty.weight)) * r.l1;
  return sum(abs(penalty.weight)) * r.l1 + sum(square(penalty.weight)) * r.l2;
}

Tensor penalty_on(const nn::Module::Penalty& penalty) {
  Tensor value;
  {
    const NoGradGuard quiet;
    value = value_of(penalty);
  }
  return attach(value, {penalty.weight}, PenaltyGrad{penalty.weight, penalty.regularizer});
}

}  // namespace

std::vector<nn::Module::Penalty> active_penalties(const nn::Module& model) {
  std::vector<nn::Module::Penalty> penalties = model.penalties();
  std::erase_if(penalties, [](const auto& each) { return !each.weight.needs_grad(); });
  return penalties;
}

Tensor penalty_sum(std::span<const nn::Module::Penalty> penalties) {
  Tensor total;
  for (const nn::Module::Penalty& each : penalties) {
    total = total.defined() ? total + penalty_on(each) : penalty_on(each);
  }
  return total;
}

}  // namespace mien
