#include "bench/support/work.h"

#include <span>

#include "examples/fer/networks.h"
#include "lib/train/graphed_step.h"
#include "mien/autograd.h"
#include "mien/nn.h"
#include "mien/optim/adam.h"
#include "mien/random.h"
#include "mien/train/loss.h"

namespace bench {

using namespace mien;

Work::~Work() = default;

namespace {

constexpr int kClasses = 7;

// One block of the expression CNN, on small images.
nn::Sequential tiny_network() {
  return nn::Sequential{nn::Conv2D(8, {3, 3}, {.padding = nn::same}),
                        nn::BatchNormalization(),
                        nn::Activation(Act::relu),
                        nn::MaxPooling2D(),
                        nn::Dropout(0.25),
                        nn::Flatten(),
                        nn::Dense(kClasses, {.activation = Act::softmax})};
}

int side_of(const std::string& model) { return model == "tiny" ? 8 : fer::image_side(model); }

std::unique_ptr<nn::Module> built(const std::string& model) {
  if (model != "tiny") return fer::built_network(model, kClasses);
  auto network = std::make_unique<nn::Sequential>(tiny_network());
  network->build({side_of(model), side_of(model), 1});
  return network;
}

Tensor noise_images(const std::string& model, int batch) {
  const int side = side_of(model);
  return random_uniform({batch, side, side, 1}, 0, 1, default_generator());
}

Tensor one_hot_labels(int batch) {
  Tensor targets = Tensor::zeros({batch, kClasses}, {.device = kCpu});
  for (int i = 0; i < batch; ++i) targets.data<float>()[i * kClasses + i * 5 % kClasses] = 1;
  return targets.to(default_device());
}

class Training : public Work {
 public:
  Training(const std::string& model, int batch, const TrainingWork& how)
      : model_(built(model)),
        parts_(make_parts(how.activations)),
        step_(parts_, none_, default_device(), how.graph ? StepGraph::on : StepGraph::off),
        data_{.inputs = {noise_images(model, batch)}, .targets = one_hot_labels(batch)} {}

  Tensor step() override { return step_.run(data_).loss.detach(); }

 private:
  TrainerParts make_parts(DType activations) const {
    TrainerParts parts;
    parts.activations = activations;
    parts.model = model_.get();
    parts.optimizer = optim::Adam(1e-4);
    parts.optimizer->bind(model_->parameters());
    parts.loss = loss::categorical_crossentropy();
    return parts;
  }

  std::unique_ptr<nn::Module> model_;
  TrainerParts parts_;
  const std::vector<nn::Module::Penalty> none_{};
  GraphedStep step_;  // as Trainer::fit() does it
  StepData data_;
};

class Prediction : public Work {
 public:
  Prediction(const std::string& model, int batch)
      : predict_(built(model)), images_(noise_images(model, batch)) {}

  Tensor step() override {
    const NoGradGuard no_grad;
    return predict_(images_);
  }

 private:
  nn::Predictor predict_;
  Tensor images_;
};

}  // namespace

std::unique_ptr<Work> make_work(const std::string& mode, const std::string& model, int batch,
                                const TrainingWork& training) {
  if (mode == "train") return std::make_unique<Training>(model, batch, training);
  return std::make_unique<Prediction>(model, batch);
}

}  // namespace bench
