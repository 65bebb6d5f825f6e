#include <algorithm>
#include <cmath>

#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/nn.h"
#include "mien/optim.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

nn::Sequential small_network() {
  nn::Sequential model{nn::Conv2D(4, {3, 3}, {.padding = nn::same, .activation = Act::relu}),
                       nn::Conv2D(4, {3, 3}, {.padding = nn::same, .use_bias = false}),
                       nn::BatchNormalization(),
                       nn::Activation(Act::relu),
                       nn::MaxPooling2D(),
                       nn::Flatten(),
                       nn::Dense(3, {.activation = Act::softmax})};
  model.build(Shape{8, 8, 2});
  const std::vector<double> start = values(golden("steps/start"));
  std::size_t at = 0;
  for (const NamedTensor& each : model.parameters()) {
    Tensor weight = each.value;
    const std::size_t count = std::size_t(weight.numel());
    weight.copy_from(Tensor::from(std::span(start).subspan(at, count), weight.shape()));
    at += count;
  }
  REQUIRE(at == start.size());
  return model;
}

std::vector<double> all_weights(const nn::Module& model) {
  std::vector<double> all;
  for (const auto& list : {model.parameters(), model.buffers()}) {
    for (const NamedTensor& each : list) {
      for (const double value : values(each.value)) all.push_back(value);
    }
  }
  return all;
}

/// Ten steps of 8 samples; the largest difference to PyTorch's weights and moving statistics.
double ten_steps(const char* name, Box<optim::Optimizer> optimizer) {
  nn::Sequential model = small_network();
  ArrayDatasetOptions arrays;
  arrays.inputs = golden("steps/x");
  arrays.targets = golden("steps/y");
  arrays.classes = 3;
  const ArrayDataset data(std::move(arrays));
  DataLoader loader(data, {.batch_size = 8, .shuffle = false});
  Trainer trainer(
      model,
      {.optimizer = std::move(optimizer), .loss = loss::categorical_crossentropy(), .metrics = {}});
  const History history = trainer.fit(loader, {.verbose = 0});

  const std::vector<double> losses = values(golden(std::string("steps/") + name + "_losses"));
  double mean = 0;
  for (const double each : losses) mean += each / double(losses.size());
  CHECK(history.values("loss")[0] == Approx(mean).epsilon(1e-5));

  const std::vector<double> got = all_weights(model);
  const std::vector<double> wanted = values(golden(std::string("steps/") + name));
  REQUIRE(got.size() == wanted.size());
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::isnan(got[i]) ? INFINITY : std::fabs(got[i] - wanted[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("after ten steps every weight is that of PyTorch", "[train]") {
  const KeepSettings keep;
  for (const ConvMath math : {ConvMath::automatic, ConvMath::winograd, ConvMath::exact}) {
    INFO(name_of(math));
    set_conv_math(math);
    CHECK(ten_steps("adam", optim::Adam(0.01)) < 1e-4);
    CHECK(ten_steps("sgd", optim::SGD(0.05, {.momentum = 0.9, .nesterov = true})) < 1e-4);
    CHECK(ten_steps("rmsprop", optim::RMSprop(0.01)) < 1e-4);
  }
}

TEST_CASE("ten steps of wide layers by Winograd end within 1e-5 of ten exact ones", "[train]") {
  // Smooth throughout: where a maximum or a sign decides, any two ways of rounding part for good.
  const KeepSettings keep;
  const auto weights = [](ConvMath math) {
    set_conv_math(math);
    set_random_seed(3);
    nn::Sequential model{nn::Conv2D(32, {3, 3}, {.padding = nn::same, .activation = Act::tanh}),
                         nn::Conv2D(64, {5, 5}, {.padding = nn::same, .use_bias = false}),
                         nn::BatchNormalization(),
                         nn::Activation(Act::tanh),
                         nn::AveragePooling2D(),
                         nn::Conv2D(64, {3, 3}, {.padding = nn::same, .activation = Act::tanh}),
                         nn::Flatten(),
                         nn::Dense(3, {.activation = Act::softmax})};
    model.build(Shape{12, 12, 32});
    const Tensor x = random_tensor({80, 12, 12, 32}, 1, -1, 1, DType::f32);
    Tensor y = Tensor::zeros({80, 3});
    for (int i = 0; i < 80; ++i) y.data<float>()[3 * i + i % 3] = 1;
    Trainer trainer(model, {.optimizer = optim::SGD(0.05, {.momentum = 0.9}),
                            .loss = loss::categorical_crossentropy(),
                            .metrics = {}});
    trainer.fit(x, y, {.verbose = 0, .batch_size = 8, .shuffle = false});
    return all_weights(model);
  };
  const std::vector<double> exact = weights(ConvMath::exact);
  const auto difference = [&](ConvMath math) {
    const std::vector<double> other = weights(math);
    double worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
      worst = std::max(worst, std::fabs(exact[i] - other[i]));
    return worst;
  };
  CAPTURE(difference(ConvMath::reference));
  const double worst = difference(ConvMath::winograd);
  CHECK(worst < 1e-5);
  // Otherwise the one was not computed by Winograd.
  if (cpu_isa() != "base") CHECK(worst > 0);
}
