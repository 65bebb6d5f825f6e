#include "mien/train/reduce_lr_on_plateau.h"

#include "mien/optim/schedules.h"
#include "tests/support/catch.h"
#include "tests/train/scripted.h"

using namespace mien;
using test::run_script;

namespace {

/// The rate after each epoch: the logs hold the one that the epoch was trained with.
std::vector<double> rates(const test::ScriptedRun& run) {
  std::vector<double> out = run.history.values("learning_rate");
  out.erase(out.begin());
  out.push_back(run.lr);
  return out;
}

// expected: the rate after each epoch, as Keras 3.16 has them.
void check(const char* what, std::vector<double> values, ReduceLROnPlateauOptions options,
           const std::vector<double>& expected) {
  INFO(what);
  const auto run = run_script("val_loss", std::move(values), ReduceLROnPlateau(std::move(options)));
  const std::vector<double> got = rates(run);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]));
  CHECK(run.printed.empty());
}

}  // namespace

// Every expected number was seen by running keras.callbacks.ReduceLROnPlateau on the same script.
TEST_CASE("ReduceLROnPlateau lowers the rate when Keras does", "[train]") {
  check("patience", {1, 1, 1, 1, 1, 1}, {.factor = .5, .patience = 2}, {1, 1, .5, .5, .25, .25});
  check("cooldown", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {.factor = .5, .patience = 2, .cooldown = 2},
        {1, 1, .5, .5, .5, .25, .25, .25, .125});
  check("small changes add up to min_delta", {1, .9999, .9998, .99975, .99, .99},
        {.factor = .5, .patience = 2}, {1, 1, 1, 1, 1, 1});
  check("min_lr", {1, 1, 1, 1, 1, 1}, {.factor = .1, .patience = 1, .min_lr = .05},
        {1, .1, .05, .05, .05, .05});
  check("patience 0", {1, 1, 1, 1}, {.factor = .5, .patience = 0}, {1, .5, .25, .125});
  check("improvements between", {1, 1, .5, .5, .5, .4, .4, .4},
        {.factor = .5, .patience = 2, .cooldown = 1}, {1, 1, 1, 1, .5, .5, .5, .25});
}

TEST_CASE("ReduceLROnPlateau says what it does in Keras's words", "[train]") {
  const auto run = run_script("val_loss", {1, 1, 1, 1, 1},
                              ReduceLROnPlateau({.factor = .01, .patience = 2, .verbose = 1}));
  REQUIRE(run.printed ==
          "Epoch 3: ReduceLROnPlateau reducing learning rate to 0.01.\n"
          "Epoch 5: ReduceLROnPlateau reducing learning rate to 0.0001.\n");
}

TEST_CASE("ReduceLROnPlateau refuses what cannot work", "[train]") {
  REQUIRE_THROWS_WITH(ReduceLROnPlateau({.factor = 1}),
                      "ReduceLROnPlateau: factor must be above 0 and below 1; got 1");
  nn::Sequential model{nn::Dense(1)};
  Trainer trainer(model, {.optimizer = optim::SGD(optim::StepDecay(.1, 10)), .loss = loss::mse()});
  const Tensor x = Tensor::zeros({4, 1});
  REQUIRE_THROWS_WITH(trainer.fit(x, x, {.callbacks = {ReduceLROnPlateau({.monitor = "loss"})}}),
                      Contains("follows a schedule of its own"));
}
