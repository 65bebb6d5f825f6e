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

TEST_CASE("noise has Keras's mean and variance, in training alone", "[nn]") {
  const Tensor x = Tensor::full({200, 10, 10, 8}, 2.0);
  Generator random(7);
  nn::Pass training{.training = true, .random = &random};
  const auto check = [&](const nn::Layer& layer, double mean_wanted, double var_wanted) {
    INFO(layer.kind());
    const Tensor y = layer(x, training);
    CHECK(values(mean(y))[0] == Approx(mean_wanted).margin(0.2));
    CHECK(values(var(y))[0] == Approx(var_wanted).epsilon(0.05));
    CHECK(values(layer(x)) == values(x));
  };
  check(nn::GaussianNoise(0.5), 2, 0.25);
  check(nn::GaussianDropout(0.2), 2, 4 * 0.25);
  check(nn::SpatialDropout2D(0.5), 2, 4);
  check(nn::Dropout(0.5, {.noise_shape = {-1, 1, 10, 8}}), 2, 4);
  const double lowest = -1.7580993408473766, scale = 1 / std::sqrt(0.8 * (1 + 0.2 * 3.0909133));
  check(nn::AlphaDropout(0.2), scale * (2 * 0.8 + lowest * 0.2 - lowest * 0.2),
        scale * scale * 0.8 * 0.2 * (2 - lowest) * (2 - lowest));

  // Whole channels, or whole columns: no places of one differ.
  const Tensor y = nn::SpatialDropout2D(0.5)(x, training);
  CHECK(values(max(y, {1, 2})) == values(min(y, {1, 2})));
  const Tensor z = nn::Dropout(0.5, {.noise_shape = {-1, 1, 10, 8}})(x, training);
  CHECK(values(max(z, 1)) == values(min(z, 1)));
  CHECK(values(max(z, 2)) != values(min(z, 2)));
  CHECK_THROWS_WITH(nn::ActivityRegularization({.l1 = 1, .name = "a"})(x, training),
                    "ActivityRegularization 'a': training with a penalty is not supported");
}

TEST_CASE("Normalization adapts to data", "[nn]") {
  nn::Normalization layer;
  layer.adapt(Tensor::from({1, 10, 3, 10, 5, 40, 7, 40}, {4, 2}));
  CHECK(values(layer.buffers()[0].value) == std::vector<double>{4, 25});
  CHECK(values(layer.buffers()[1].value) == std::vector<double>{5, 225});
  CHECK(values(layer(Tensor::from({4, 40}, {1, 2}))) == std::vector<double>{0, 1});
  nn::Normalization given({.mean = {1}, .variance = {2}});
  CHECK_THROWS_WITH(given.adapt(Tensor::ones({2, 2})),
                    "Normalization: adapt() cannot change a given mean and variance");
}

TEST_CASE("random layers change images in training alone, each by itself", "[nn]") {
  const Tensor x = filled({64, 4, 5, 2}, 1, DType::f32);
  Generator random(7);
  nn::Pass training{.training = true, .random = &random};
  const Tensor y = nn::RandomFlip()(x, training);
  int flipped = 0;
  for (int i = 0; i < 64; ++i) {
    const auto one = values(x.slice(i, i + 1)), got = values(y.slice(i, i + 1));
    if (got == one) continue;
    CHECK(got == values(flip(x.slice(i, i + 1), {1, 2})));
    ++flipped;
  }
  CHECK(flipped > 16);
  CHECK(flipped < 48);
  // The means of channels stay, deviations from them change by one factor.
  const Tensor z = nn::RandomContrast(0.5, {.value_range = {-9, 9}})(x, training);
  CHECK(relative_error(mean(z, {1, 2}), mean(x, {1, 2})) < 1e-5);
  const auto ratios = values(var(z, {1, 2}) / var(x, {1, 2}));
  CHECK(ratios[0] == Approx(ratios[1]).epsilon(1e-4));
  CHECK(ratios[0] != Approx(ratios[2]).epsilon(1e-4));
  for (const double ratio : ratios) CHECK((ratio > 0.24 && ratio < 2.26));
  const Tensor part = nn::RandomCrop(3, 2)(x, training);
  CHECK(part.shape() == Shape{64, 3, 2, 2});
  for (const nn::FactorRange range : {nn::FactorRange(-0.3), nn::FactorRange(0.3, -0.3)}) {
    CHECK(range.lower == -0.3);
    CHECK(range.upper == 0.3);
  }
  CHECK_THROWS_WITH(nn::RandomZoom(1.5),
                    "RandomZoom: factors must be between -1 and 1; got -1.5 and 1.5");
  CHECK(values(nn::RandomRotation(0.5)(x)) == values(x));
}

}  // namespace
}  // namespace mien
