// Goes on with a training that Keras began, for check_training.py: model_train MODEL OUT STEPS
// CLASS Steps of one batch: x = sin(0.7 (i + 1)), targets cos(0.3 (i + 1)), mean squared error.
// Prints the loss before each step.
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "mien/mien.h"

using namespace mien;

namespace {

Box<optim::Optimizer> optimizer_of(const std::string& kind) {
  if (kind == "Adam") return optim::Adam(0.5);
  if (kind == "AdamW") return optim::AdamW(0.5);
  if (kind == "RMSprop") return optim::RMSprop(0.5, {.momentum = 0.5, .centered = true});
  if (kind == "SGD") return optim::SGD(0.5, {.momentum = 0.9, .nesterov = true});
  return optim::SGD(0.5);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fputs("usage: model_train MODEL OUT STEPS CLASS\n", stderr);
    return 2;
  }
  auto model = io::load_model<nn::Graph>(argv[1]);
  Box<optim::Optimizer> optimizer = optimizer_of(argv[4]);
  optimizer->bind(model.parameters());
  io::load_optimizer(*optimizer, model, argv[1]);
  Tensor x = Tensor::zeros(join({4}, model.calls()[0].outputs[0]));
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[i] = float(std::sin(0.7 * double(i + 1)));
  Tensor target = Tensor::zeros(join({4}, model.shape(model.outputs()[0])));
  for (std::int64_t i = 0; i < target.numel(); ++i)
    target.data<float>()[i] = float(std::cos(0.3 * double(i + 1)));
  for (int step = 0; step < std::stoi(argv[3]); ++step) {
    nn::Pass training{.training = true};
    optimizer->zero_grad();
    const Tensor loss = mean(square(model.call({&x, 1}, training)[0] - target));
    std::printf("%.7f\n", loss.item());
    loss.backward();
    optimizer->step();
  }
  const bool two = std::string(argv[2]).find("tf_keras") != std::string::npos;
  io::save_model(model, argv[2],
                 {.loss = "mse", .optimizer = optimizer.get(), .keras = two ? 2 : 3});
} catch (const std::exception& error) {
  std::fprintf(stderr, "model_train: %s\n", error.what());
  return 1;
}
