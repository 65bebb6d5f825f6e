#include "bench/support/work.h"

#include <span>

#include "examples/fer/networks.h"
#include "mien/autograd.h"
#include "mien/nn/predictor.h"
#include "mien/ops/losses.h"
#include "mien/optim/adam.h"
#include "mien/random.h"

namespace bench {

using namespace mien;

Work::~Work() = default;

namespace {

constexpr int kClasses = 7;

Tensor noise_images(const std::string& model, int batch) {
  const int side = fer::image_side(model);
  return random_uniform({batch, side, side, 1}, 0, 1, default_generator());
}

Tensor one_hot_labels(int batch) {
  Tensor targets = Tensor::zeros({batch, kClasses});
  for (int i = 0; i < batch; ++i) targets.data<float>()[i * kClasses + i * 5 % kClasses] = 1;
  return targets;
}

class Training : public Work {
 public:
  Training(const std::string& model, int batch)
      : model_(fer::built_network(model, kClasses)),
        adam_(1e-4),
        images_(noise_images(model, batch)),
        targets_(one_hot_labels(batch)) {
    adam_.bind(model_->parameters());
  }

  Tensor step() override {
    adam_.zero_grad();
    nn::Pass pass{.training = true};
    const Tensor p = model_->call(std::span<const Tensor>(&images_, 1), pass)[0];
    const Tensor loss = categorical_crossentropy(targets_, p);
    loss.backward();
    adam_.step();
    return loss.detach();
  }

 private:
  std::unique_ptr<nn::Module> model_;
  optim::Adam adam_;
  Tensor images_, targets_;
};

class Prediction : public Work {
 public:
  Prediction(const std::string& model, int batch)
      : predict_(fer::built_network(model, kClasses)), images_(noise_images(model, batch)) {}

  Tensor step() override {
    const NoGradGuard no_grad;
    return predict_(images_);
  }

 private:
  nn::Predictor predict_;
  Tensor images_;
};

}  // namespace

std::unique_ptr<Work> make_work(const std::string& mode, const std::string& model, int batch) {
  if (mode == "train") return std::make_unique<Training>(model, batch);
  return std::make_unique<Prediction>(model, batch);
}

}  // namespace bench
