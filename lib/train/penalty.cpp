#include "lib/train/penalty.h"

#include "mien/autograd.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"

namespace mien {
namespace {

struct PenaltyGrad {
  static constexpr const char* name = "penalty";
  struct Term {
    SavedTensor weight;
    nn::Regularizer regularizer;
  };
  std::vector<Term> terms;

  void backward(const GradIn& dy, GradOut& dx) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Tensor weight = terms[i].weight.unpack();
      const nn::Regularizer& r = terms[i].regularizer;
      if (r.l1 != 0) dx.add(int(i), sign(weight) * (dy[0] * r.l1));
      if (r.l2 != 0) dx.add(int(i), weight * (dy[0] * (2 * r.l2)));
    }
  }
};

Tensor value_of(const nn::Module::Penalty& penalty) {
  const nn::Regularizer& r = penalty.regularizer;
  if (r.l1 == 0) return sum(square(penalty.weight)) * r.l2;
  if (r.l2 == 0) return sum(abs(penalty.weight)) * r.l1;
  return sum(abs(penalty.weight)) * r.l1 + sum(square(penalty.weight)) * r.l2;
}

}  // namespace

std::vector<nn::Module::Penalty> active_penalties(const nn::Module& model) {
  std::vector<nn::Module::Penalty> penalties = model.penalties();
  std::erase_if(penalties, [](const auto& each) { return !each.weight.needs_grad(); });
  return penalties;
}

Tensor penalty_sum(std::span<const nn::Module::Penalty> penalties) {
  if (penalties.empty()) return {};
  std::vector<Tensor> weights;
  PenaltyGrad grad;
  Tensor total;
  {
    const NoGradGuard quiet;
    for (const nn::Module::Penalty& each : penalties) {
      weights.push_back(each.weight);
      grad.terms.push_back({each.weight, each.regularizer});
      total = total.defined() ? total + value_of(each) : value_of(each);
    }
  }
  return attach(total, weights, std::move(grad));
}

}  // namespace mien
