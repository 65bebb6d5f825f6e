#include <thread>
#include <vector>

#include "mien/nn.h"
#include "mien/runtime.h"
#include "tests/support/cuda.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Weights are drawn on the CPU, so both devices get the same.
std::unique_ptr<nn::Sequential> network(Device device) {
  set_default_device(device);
  set_random_seed(1);
  auto model = std::make_unique<nn::Sequential>(
      nn::Conv2D(8, {3, 3}, {.padding = nn::same, .activation = Act::relu}), nn::MaxPooling2D(),
      nn::Conv2D(12, {3, 3}, {.padding = nn::same}), nn::BatchNormalization(),
      nn::Activation(Act::relu), nn::MaxPooling2D(), nn::Flatten(), nn::Dense(16),
      nn::BatchNormalization(), nn::Activation(Act::relu),
      nn::Dense(7, {.activation = Act::softmax}));
  model->build({12, 12, 1});
  set_default_device(kCpu);
  return model;
}

TEST_CASE("a predictor on the device gives the CPU's probabilities, to several threads at once",
          "[cuda]") {
  const Device cuda = cuda_or_skip();
  const nn::Predictor here(network(kCpu)), there(network(cuda));
  const Tensor x = random_tensor({5, 12, 12, 1}, 1, 0, 1, DType::f32);
  const Tensor wanted = here(x);
  REQUIRE(relative_error(there(x.to(cuda)).to(kCpu), wanted) < 1e-5);

  std::vector<double> errors(4, 1);
  std::vector<std::thread> threads;
  for (double& error : errors)
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) error = relative_error(there(x.to(cuda)).to(kCpu), wanted);
    });
  for (std::thread& each : threads) each.join();
  for (const double error : errors) REQUIRE(error < 1e-5);
}

}  // namespace
}  // namespace mien
