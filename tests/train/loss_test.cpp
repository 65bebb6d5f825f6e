#include "mien/train/loss.h"

#include <cmath>

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

const Tensor kTargets = Tensor::from({0, 1, 0, 0, 0, 1}, {2, 3});
const Tensor kPredictions = Tensor::from({.05, .95, 0, .1, .8, .1}, {2, 3});

}  // namespace

TEST_CASE("loss objects give Keras's values", "[train]") {
  const double ce0 = -std::log(.95), ce1 = -std::log(.1);
  CHECK(loss::categorical_crossentropy()(kTargets, kPredictions).item() ==
        Approx((ce0 + ce1) / 2).epsilon(1e-5));
  const Tensor labels = Tensor::from({1, 2}, {2}, {.dtype = DType::i32});
  CHECK(loss::sparse_categorical_crossentropy()(labels, kPredictions).item() ==
        Approx((ce0 + ce1) / 2).epsilon(1e-5));

  const Tensor t = Tensor::from({0, 1, 0, 0}, {2, 2}), p = Tensor::from({.6, .4, .4, .6}, {2, 2});
  CHECK(loss::binary_crossentropy()(t, p).item() ==
        Approx((-2 * std::log(.4) - std::log(.6) - std::log(.4)) / 4).epsilon(1e-5));
  CHECK(loss::mse()(t, p).item() == Approx((.36 + .36 + .16 + .36) / 4));
  CHECK(loss::mae()(t, p).item() == Approx((.6 + .6 + .4 + .6) / 4));
  CHECK(loss::huber(.5)(t, p).item() == Approx((3 * .5 * (.6 - .25) + .5 * .16) / 4));
  CHECK(loss::kl()(Tensor::from({.25, .75}, {1, 2}), Tensor::from({.5, .5}, {1, 2})).item() ==
        Approx(.25 * std::log(.5) + .75 * std::log(1.5)).epsilon(1e-5));
}

TEST_CASE("label smoothing and logits reach the loss", "[train]") {
  // Keras: .29805 for p = [.05, .9, .05].
  const Tensor t = Tensor::from({0, 1, 0}, {1, 3}), p = Tensor::from({.05, .9, .05}, {1, 3});
  const double smooth = (.9 + .1 / 3) * -std::log(.9) + 2 * (.1 / 3) * -std::log(.05);
  CHECK(loss::categorical_crossentropy({.label_smoothing = .1})(t, p).item() ==
        Approx(smooth).epsilon(1e-5));
  const Tensor logits = Tensor::from({0, std::log(3.0)}, {1, 2});
  CHECK(loss::categorical_crossentropy({.from_logits = true})(Tensor::from({1, 0}, {1, 2}), logits)
            .item() == Approx(std::log(4.0)).epsilon(1e-5));
  REQUIRE_THROWS_WITH(loss::binary_crossentropy({.label_smoothing = 2}),
                      "binary_crossentropy: label_smoothing must be within 0 and 1; got 2");
  REQUIRE_THROWS_WITH(loss::huber(0), "huber: delta must be positive; got 0");
}

TEST_CASE("weighted losses are divided by the number of samples, as in Keras", "[train]") {
  const Tensor weights = Tensor::from({3, 0.5}, {2});
  CHECK(loss::categorical_crossentropy()(kTargets, kPredictions, weights).item() ==
        Approx((3 * -std::log(.95) + .5 * -std::log(.1)) / 2).epsilon(1e-5));
  const Loss own([](const Tensor& t, const Tensor& p) { return square(t - p); });
  const Tensor t = Tensor::from({0, 0, 0, 0}, {2, 2}), p = Tensor::from({1, 2, 3, 4}, {2, 2});
  CHECK(own(t, p).item() == Approx((1 + 4 + 9 + 16) / 4.0));
  CHECK(own(t, p, weights).item() == Approx((3 * (1 + 4) + .5 * (9 + 16)) / 4));
}

TEST_CASE("a loss of one's own may be a scalar, then without weights", "[train]") {
  const Loss own([](const Tensor& t, const Tensor& p) { return max(abs(t - p)); }, "worst");
  CHECK(own.name() == "worst");
  CHECK(own(kTargets, kPredictions).item() == Approx(.9));
  CHECK_THROWS_WITH(own(kTargets, kPredictions, Tensor::ones({2})),
                    Contains("cannot have sample or class weights"));
  const Loss wrong([](const Tensor& t, const Tensor&) { return sum(t, 0); });
  CHECK_THROWS_WITH(wrong(kTargets, kPredictions),
                    "loss: the function must give a scalar or a loss for each of the 2 samples; "
                    "got [3]");
  CHECK_THROWS_WITH(Loss()(kTargets, kPredictions), "loss: there is none");
}
