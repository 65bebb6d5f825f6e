#include <algorithm>
#include <cmath>

#include "mien/nn.h"
#include "mien/optim.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"
#include "tests/train/golden_steps.h"

using namespace mien;

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
