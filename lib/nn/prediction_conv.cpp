// Convolution, activation and pooling as one step of a prediction.
#include "lib/nn/layer_config.h"
#include "lib/nn/prediction_step.h"
#include "mien/base/error.h"

namespace mien::nn {
namespace {

class ConvStep final : public PredictionStep {
 public:
  ConvStep(FoldedWeight weight, const Conv2dOptions& options, Act act,
           std::optional<Pool2dOptions> pool)
      : weight_(std::move(weight)), options_(options), act_(act), pool_(pool) {}

  Tensors run(std::span<const Tensor> in) const override {
    const Tensor y = conv2d(in[0], weight_.weight, weight_.bias, options_);
    if (!pool_) return activated(y, act_);
    // relu keeps the order of values, so it may follow the pooling and has less to do there.
    if (act_ == Act::relu) return activated(max_pool2d(y, *pool_), act_);
    return max_pool2d(activated(y, act_), *pool_);
  }

  std::string str() const override {
    const Shape& w = weight_.weight.shape();
    std::string out = concat("conv2d ", w[0], "x", w[1], "x", w[3]);
    if (act_ != Act::none) out += concat(", ", name_of(act_));
    if (pool_) out += concat(", max_pool2d ", pool_->size[0], "x", pool_->size[1]);
    return out;
  }

 private:
  FoldedWeight weight_;
  Conv2dOptions options_;
  Act act_;
  std::optional<Pool2dOptions> pool_;
};

}  // namespace

std::unique_ptr<PredictionStep> conv_step(FoldedWeight weight, const Conv2dOptions& options,
                                          Act act, std::optional<Pool2dOptions> pool) {
  return std::make_unique<ConvStep>(std::move(weight), options, act, pool);
}

}  // namespace mien::nn
