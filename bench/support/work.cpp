#include "bench/support/work.h"

#include "examples/fer/networks.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/losses.h"
#include "mien/random.h"

namespace bench {

using namespace mien;

namespace {

constexpr int kClasses = 7;

Tensor one_hot_labels(int batch) {
  Tensor targets = Tensor::zeros({batch, kClasses});
  for (int i = 0; i < batch; ++i) targets.data<float>()[i * kClasses + i * 5 % kClasses] = 1;
  return targets;
}

}  // namespace

Work::Work(const std::string& model, int batch)
    : model_(fer::built_network(model, kClasses)), adam_(1e-4) {
  MIEN_CHECK(batch >= 1, ValueError, "batch must be at least 1; got ", batch);
  const int side = fer::image_side(model);
  images_ = random_uniform({batch, side, side, 1}, 0, 1, default_generator());
  targets_ = one_hot_labels(batch);
  adam_.bind(model_->parameters());
}

Tensor Work::forward(nn::Pass pass) const {
  return model_->call(std::span<const Tensor>(&images_, 1), pass)[0];
}

double Work::train() {
  adam_.zero_grad();
  const Tensor loss = categorical_crossentropy(targets_, forward({.training = true}));
  loss.backward();
  adam_.step();
  return loss.item();
}

Tensor Work::predict() const {
  const NoGradGuard no_grad;
  return forward({});
}

}  // namespace bench
