// Training with bf16 activations beside training with f32's.
#include <cmath>
#include <vector>

#include "mien/nn.h"
#include "mien/ops.h"
#include "mien/optim.h"
#include "mien/runtime.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr std::int64_t kImages = 8;

nn::Sequential network() {
  nn::Sequential model(nn::Conv2D(8, {3, 3}, {.padding = nn::same}), nn::BatchNormalization(),
                       nn::Activation(Act::relu), nn::MaxPooling2D(), nn::Dropout(0.25),
                       nn::Conv2D(16, {3, 3}, {.padding = nn::same}), nn::Activation(Act::silu),
                       nn::GlobalAveragePooling2D(), nn::LayerNormalization(),
                       nn::Dense(3, {.activation = Act::softmax}));
  model.build({8, 8, 1});
  return model;
}

struct Steps {
  std::vector<double> losses{};
  std::vector<NamedTensor> gradients{};  // of the first step
  DType probabilities = DType::f32;
  std::size_t held = 0;  // bytes that the first forward pass left for the backward
};

Steps train(Device device, DType activations, int steps) {
  const KeepSettings keep;
  set_default_device(device);
  set_random_seed(3);
  const nn::Sequential model = network();
  const Tensor x = random_tensor({kImages, 8, 8, 1}, 1, 0, 1, DType::f32).to(device);
  std::vector<double> labels;
  for (std::int64_t i = 0; i < kImages; ++i) labels.push_back(double(i % 3));
  const Tensor y =
      Tensor::from(labels, {kImages}, {.dtype = DType::i32, .device = kCpu}).to(device);
  auto optimizer = optim::Adam(0.01);
  optimizer.bind(model.parameters());
  Generator random(7);
  Steps out;
  for (int i = 0; i < steps; ++i) {
    optimizer.zero_grad();
    const std::size_t before = memory_stats(device).live_bytes;
    nn::Pass pass{.training = true, .random = &random, .activations = activations};
    const Tensor probabilities = model.forward(x, pass);
    if (i == 0) out.held = memory_stats(device).live_bytes - before;
    const Tensor loss = sparse_categorical_crossentropy(y, probabilities);
    loss.backward();
    if (i == 0)
      for (const NamedTensor& each : model.parameters())
        out.gradients.push_back({each.name, each.value.grad().to(kCpu).clone()});
    optimizer.step();
    out.losses.push_back(loss.item());
    out.probabilities = probabilities.dtype();
  }
  return out;
}

TEST_CASE("a network with bf16 activations learns as one with f32's does", "[cuda]") {
  const Device device = cuda_or_skip();
  const Steps full = train(device, DType::f32, 8), half = train(device, DType::bf16, 8);
  REQUIRE(half.probabilities == DType::f32);
  for (std::size_t i = 0; i < full.losses.size(); ++i) {
    INFO(i << ": " << half.losses[i] << " instead of " << full.losses[i]);
    CHECK(std::fabs(half.losses[i] - full.losses[i]) < 0.02 * full.losses[0]);
  }
  REQUIRE(full.losses.back() < 0.9 * full.losses.front());
  for (std::size_t i = 0; i < full.gradients.size(); ++i) {
    const Tensor &got = half.gradients[i].value, &wanted = full.gradients[i].value;
    INFO(half.gradients[i].name << " " << relative_error(got, wanted));
    CHECK(got.dtype() == DType::f32);
    if (max(abs(wanted)).item() < 1e-6) continue;  // a bias before normalization
    CHECK(relative_error(got, wanted) < 0.05);
  }
}

TEST_CASE("bf16 activations take about half of the memory", "[cuda]") {
  const Device device = cuda_or_skip();
  const Steps full = train(device, DType::f32, 1), half = train(device, DType::bf16, 1);
  INFO(half.held << " bytes instead of " << full.held);
  CHECK(double(half.held) < 0.65 * double(full.held));  // and the weights' copies in bf16
}

TEST_CASE("a Trainer with bf16 activations fits, evaluates and predicts", "[cuda]") {
  const KeepSettings keep;
  set_default_device(cuda_or_skip());
  set_random_seed(3);
  nn::Sequential model = network();
  const Tensor x = random_tensor({20, 8, 8, 1}, 1, 0, 1, DType::f32).to(kCpu);
  std::vector<double> labels;
  for (int i = 0; i < 20; ++i) labels.push_back(double(i % 3));
  const Tensor y = Tensor::from(labels, {20}, {.dtype = DType::i32, .device = kCpu});
  Trainer trainer(model, {.optimizer = optim::Adam(0.01),
                          .loss = loss::sparse_categorical_crossentropy(),
                          .seed = 1,
                          .activations = DType::bf16});
  // Steps of one shape, so that some are replayed.
  trainer.fit(x, y, {.epochs = 8, .verbose = 0, .batch_size = 5});
  const double first = trainer.history().values("loss").front();
  const double last = trainer.history().values("loss").back();
  CAPTURE(first, last);
  CHECK(last < first);
  CHECK(std::isfinite(trainer.evaluate(x, y).at("loss")));
  const Tensor predicted = trainer.predict(x);
  CHECK(predicted.dtype() == DType::f32);
  CHECK(relative_error(sum(predicted, {1}), Tensor::ones({20}, {.device = kCpu})) < 1e-5);
}

TEST_CASE("bf16 activations go with f32 weights alone, and say so", "[cuda]") {
  const Device device = cuda_or_skip();
  const Tensor x = Tensor::zeros({2, 4}, {.device = device}).to(DType::bf16);
  const Tensor weight = Tensor::zeros({4, 3}, {.device = device});
  REQUIRE_THROWS_WITH(dense(x, weight.to(DType::bf16)),
                      "dense: weight must be f32 for bf16 input; got bf16");
  REQUIRE_THROWS_WITH(x + weight.slice(0, 2), "add: inputs must be of one dtype; got bf16 and f32");
  REQUIRE(dense(x, weight).dtype() == DType::bf16);
}

}  // namespace
}  // namespace mien
