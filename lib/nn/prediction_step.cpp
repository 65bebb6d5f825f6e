#include "lib/nn/prediction_step.h"

#include <cmath>

#include "lib/nn/layer_config.h"
#include "lib/nn/naming.h"
#include "mien/ops/matmul.h"

namespace mien::nn {
namespace {

class DenseStep final : public PredictionStep {
 public:
  DenseStep(FoldedWeight weight, Act act) : weight_(std::move(weight)), act_(act) {}
  Tensors run(std::span<const Tensor> in) const override {
    return activated(dense(in[0], weight_.weight, weight_.bias), act_);
  }
  std::string str() const override {
    const Shape& w = weight_.weight.shape();
    return concat("dense ", w[0], "x", w[1], act_ == Act::none ? "" : ", ",
                  act_ == Act::none ? std::string_view() : name_of(act_));
  }

 private:
  FoldedWeight weight_;
  Act act_;
};

class ModuleStep final : public PredictionStep {
 public:
  explicit ModuleStep(const Module& layer) : layer_(layer) {}
  Tensors run(std::span<const Tensor> in) const override {
    Pass inference;
    return with_layer_name(layer_, [&] { return layer_.call(in, inference); });
  }
  std::string str() const override { return concat("layer ", layer_.name()); }

 private:
  const Module& layer_;
};

const Tensor* find(const std::vector<NamedTensor>& tensors, std::string_view name) {
  for (const NamedTensor& each : tensors)
    if (each.name == name) return &each.value;
  return nullptr;
}

std::vector<double> values_or(const Tensor* tensor, std::size_t n, double fallback) {
  std::vector<double> out(n, fallback);
  if (tensor && tensor->defined()) tensor->copy_to(out);
  return out;
}

Tensor from_values(const std::vector<double>& values, const Shape& shape, TensorOptions options) {
  Tensor out = Tensor::empty(shape, {.dtype = DType::f64, .device = kCpu});
  std::copy(values.begin(), values.end(), out.data<double>());
  return out.to(options.dtype).to(options.device.value_or(kCpu));
}

}  // namespace

void FoldedWeight::fold(const Module& norm) {
  const auto channels = std::size_t(weight.shape()[-1]);
  const std::vector<double> gamma = values_or(find(norm.own_parameters(), "gamma"), channels, 1);
  const std::vector<double> beta = values_or(find(norm.own_parameters(), "beta"), channels, 0);
  const std::vector<double> mean = values_or(find(norm.own_buffers(), "moving_mean"), channels, 0);
  const std::vector<double> variance =
      values_or(find(norm.own_buffers(), "moving_variance"), channels, 1);
  const double epsilon = norm.config().get_double("epsilon", 1e-3);
  std::vector<double> w = values_or(&weight, std::size_t(weight.numel()), 0);
  std::vector<double> b = values_or(&bias, channels, 0);
  std::vector<double> scale(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
    b[c] = (b[c] - mean[c]) * scale[c] + beta[c];
  }
  for (std::size_t i = 0; i < w.size(); ++i) w[i] *= scale[i % channels];
  const TensorOptions options = weight.options();
  weight = from_values(w, weight.shape(), options);
  bias = from_values(b, {std::int64_t(channels)}, options);
}

std::unique_ptr<PredictionStep> dense_step(FoldedWeight weight, Act act) {
  return std::make_unique<DenseStep>(std::move(weight), act);
}
std::unique_ptr<PredictionStep> module_step(const Module& layer) {
  return std::make_unique<ModuleStep>(layer);
}

}  // namespace mien::nn
