#include "mien/nn/predictor.h"

#include "lib/nn/prediction_plan.h"

namespace mien::nn {

Predictor::Predictor(const Module& model) : plan_(std::make_unique<PredictionPlan>(model)) {}
Predictor::Predictor(std::unique_ptr<Module> model)
    : owned_(std::move(model)), plan_(std::make_unique<PredictionPlan>(*owned_)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

Tensor Predictor::operator()(const Tensor& x) const {
  return plan_->run(std::span<const Tensor>(&x, 1))[0];
}
Tensors Predictor::call(std::span<const Tensor> in) const { return plan_->run(in); }
std::string Predictor::str() const { return plan_->str(); }

}  // namespace mien::nn
