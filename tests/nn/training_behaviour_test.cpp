// What differs between training and inference, and what losses see of a layer.
#include <cmath>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "mien/ops.h"
#include "tests/nn/layer_cases.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("batch normalization moves its statistics as Keras 3 does", "[nn]") {
  nn::BatchNormalization bn;
  bn.build(Shape{2});
  // Keras 3's own numbers for [[1, 2], [3, 6]].
  const Tensor x = Tensor::from({1, 2, 3, 6}, {2, 2});
  nn::Pass training{.training = true};
  const Tensor y = bn(x, training);
  REQUIRE(values(y)[0] == Approx(-1 / std::sqrt(1.001)));
  const std::vector<NamedTensor> statistics = bn.buffers();
  REQUIRE(statistics[0].name == "moving_mean");
  REQUIRE(values(statistics[0].value)[0] == Approx(.02));
  REQUIRE(values(statistics[0].value)[1] == Approx(.04));
  REQUIRE(values(statistics[1].value)[0] == Approx(1.0));
  REQUIRE(values(statistics[1].value)[1] == Approx(1.03));
}

TEST_CASE("a training step of batch normalization is Keras's", "[nn]") {
  for (LayerCase& each : layer_cases()) {
    if (std::string(each.name) != "batch_normalization") continue;
    each.build(DType::f32);
    nn::Pass training{.training = true};
    const Tensor y = each.layer->call(each.tensors(DType::f32), training)[0];
    CHECK(relative_error(y, golden("layers/batch_normalization_training")) < 2e-6);
    const std::vector<NamedTensor> moved = each.layer->buffers();
    const Tensor both = concatenate({moved[0].value, moved[1].value});
    CHECK(relative_error(both, golden("layers/batch_normalization_moved")) < 2e-6);
  }
}

TEST_CASE("frozen batch normalization is in inference mode and gets no gradient", "[nn]") {
  nn::BatchNormalization bn;
  bn.build(Shape{2});
  bn.freeze();
  nn::Pass training{.training = true};
  const Tensor x = Tensor::from({1, 2, 3, 6}, {2, 2});
  REQUIRE(values(bn(x, training))[3] == Approx(6 / std::sqrt(1.001)));
  REQUIRE(values(bn.buffers()[0].value) == std::vector<double>{0, 0});
  REQUIRE_FALSE(bn.parameters()[0].value.needs_grad());
  bn.freeze(false);
  REQUIRE(bn.parameters()[0].value.needs_grad());
}

TEST_CASE("dropout acts in training only", "[nn]") {
  const nn::Dropout drop(0.25);
  const Tensor x = Tensor::ones({1000});
  REQUIRE(drop(x).is(x));
  Generator random(1);
  nn::Pass training{.training = true, .random = &random};
  double kept = 0;
  for (const double v : values(drop(x, training))) {
    REQUIRE((v == 0 || v == Approx(4.0 / 3)));
    kept += v > 0;
  }
  REQUIRE(kept == Approx(750).margin(60));
}

TEST_CASE("layers with softmax or sigmoid let the loss work on the logits", "[nn]") {
  // Logits 40 apart saturate the probabilities in f32; the gradient p - t stays.
  const Tensor target = Tensor::from({1, 0}, {1, 2});
  const auto gradient = [&](const nn::Layer& layer, bool binary) {
    Tensor x = Tensor::from({-20, 20}, {1, 2}).requires_grad();
    nn::Pass pass{.training = true};
    const Tensor p = layer(x, pass);
    (binary ? binary_crossentropy(target, p) : categorical_crossentropy(target, p)).backward();
    return values(x.grad());
  };
  CHECK(gradient(nn::Activation(Act::softmax), false)[0] == Approx(-1));
  CHECK(gradient(nn::Softmax(), false)[1] == Approx(1));
  CHECK(gradient(nn::Activation(Act::sigmoid), true)[0] == Approx(-0.5));
  nn::Dense dense(2, {.activation = Act::softmax, .kernel_initializer = nn::orthogonal()});
  dense.build(Shape{2});
  dense.parameters()[0].value.copy_from(Tensor::from({1, 0, 0, 1}, {2, 2}));
  CHECK(gradient(dense, false)[0] == Approx(-1));
}

}  // namespace
}  // namespace mien
