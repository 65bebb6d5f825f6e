#include "mien/train/early_stopping.h"

#include <limits>

#include "tests/support/catch.h"
#include "tests/train/scripted.h"

using namespace mien;
using test::run_script;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// epochs: that Keras 3.16 runs; weight: the epoch whose weights it ends with.
void check(const char* what, std::vector<double> values, EarlyStoppingOptions options,
           std::size_t epochs, double weight) {
  INFO(what);
  const auto run = run_script("val_loss", std::move(values), EarlyStopping(std::move(options)));
  CHECK(run.history.size() == epochs);
  CHECK(run.weight == weight);
  CHECK(run.printed.empty());
}

}  // namespace

// Every expected number was seen by running keras.callbacks.EarlyStopping on the same script.
TEST_CASE("EarlyStopping stops and restores where Keras does", "[train]") {
  check("patience", {1, .9, .95, .93, .8, .85, .86}, {.patience = 2}, 4, 3);
  check("restoring without stopping", {1, .9, .95, .93, .8, .85, .86},
        {.patience = 3, .restore_best_weights = true}, 7, 4);
  check("patience 0 waits for the second epoch", {1, 1.1, 1.2}, {.patience = 0}, 2, 1);
  check("patience 1", {1, 1.1, 1.2}, {.patience = 1}, 2, 1);
  check("min_delta", {1, .95, .91, .9}, {.min_delta = .1, .patience = 1}, 2, 1);
  const std::vector<double> slow{1, .95, .91, .88, .87, .79};
  check("min_delta and patience", slow, {.min_delta = .1, .patience = 2}, 3, 2);
  check("its sign is ignored", slow, {.min_delta = -.1, .patience = 2}, 3, 2);
  check("what rises", {.5, .6, .55, .7, .65, .66}, {.patience = 2, .mode = Mode::max}, 6, 5);
  check("a baseline that is not reached", {.5, .45, .6, .4, .3}, {.patience = 2, .baseline = .42},
        3, 2);
  check("improving without reaching the baseline", {.9, .8, .7, .6, .5},
        {.patience = 2, .baseline = .4}, 5, 4);
  check("the baseline reached", {.9, .8, .3, .6, .5}, {.patience = 2, .baseline = .4}, 5, 4);
  check("start_from_epoch", {.1, .9, .8, .85, .86, .5},
        {.patience = 2, .restore_best_weights = true, .start_from_epoch = 1}, 5, 2);
  check("NaN", {.5, kNaN, .4, kNaN, kNaN, .3}, {.patience = 2, .restore_best_weights = true}, 5, 2);
}

TEST_CASE("a NaN is not the best value for EarlyStopping", "[train]") {
  // Keras takes a NaN in the first epoch for the best and then never finds a better one.
  const auto run = run_script("val_loss", {kNaN, .5, .4, .45},
                              EarlyStopping({.patience = 2, .restore_best_weights = true}));
  REQUIRE(run.history.size() == 4);
  REQUIRE(run.weight == 2);
}

TEST_CASE("EarlyStopping says what it does in Keras's words", "[train]") {
  const auto run = run_script(
      "val_loss", {.1, .9, .8, .85, .86, .5},
      EarlyStopping(
          {.patience = 2, .verbose = 1, .restore_best_weights = true, .start_from_epoch = 1}));
  REQUIRE(run.printed ==
          "Epoch 5: early stopping\n"
          "Restoring model weights from the end of the best epoch: 3.\n");
}

TEST_CASE("EarlyStopping watches accuracy under both names, and the direction is known",
          "[train]") {
  for (const char* key : {"val_acc", "val_accuracy"}) {
    const auto run = run_script(key, {.5, .4, .45}, EarlyStopping({.monitor = "val_accuracy"}));
    CHECK(run.history.size() == 2);
    const auto other = run_script(key, {.5, .6, .7}, EarlyStopping({.monitor = "val_acc"}));
    CHECK(other.history.size() == 3);
  }
}

TEST_CASE("a monitor that the logs will not hold is an error before training", "[train]") {
  nn::Sequential model{nn::Dense(1)};
  Trainer trainer(model, {.optimizer = optim::SGD(), .loss = loss::mse()});
  const Tensor x = Tensor::zeros({4, 1});
  REQUIRE_THROWS_WITH(
      trainer.fit(x, x,
                  {.callbacks = {EarlyStopping({.monitor = "val_los"})}, .validation_split = .5}),
      "EarlyStopping: monitor 'val_los' is not among loss, accuracy, val_loss, val_accuracy");
  REQUIRE_THROWS_WITH(trainer.fit(x, x, {.callbacks = {ReduceLROnPlateau()}}),
                      "ReduceLROnPlateau: monitor 'val_loss' is not among loss, accuracy");
  REQUIRE_THROWS_WITH(
      trainer.fit(x, x, {.callbacks = {ModelCheckpoint("x.h5", {.save_best_only = true})}}),
      "ModelCheckpoint: monitor 'val_loss' is not among loss, accuracy");
  REQUIRE(trainer.history().empty());
}

TEST_CASE("EarlyStopping that must end before a reduced rate is used is warned of", "[train]") {
  const auto warned = [](EarlyStoppingOptions stop, ReduceLROnPlateauOptions plateau) {
    const auto run = run_script("val_loss", {1}, EarlyStopping(stop), ReduceLROnPlateau(plateau));
    return run.printed;
  };
  REQUIRE(warned({.patience = 3}, {.patience = 3}) ==
          "Warning: EarlyStopping (patience 3) ends training before ReduceLROnPlateau (patience 3) "
          "can act: a reduced learning rate is never used. Give EarlyStopping the larger "
          "patience.\n");
  REQUIRE_FALSE(warned({.patience = 0}, {.patience = 1}).empty());
  REQUIRE(warned({.patience = 3}, {.patience = 2}).empty());
  REQUIRE(warned({.patience = 3, .start_from_epoch = 5}, {.patience = 3}).empty());
  REQUIRE(warned({.monitor = "loss", .patience = 3}, {.patience = 3}).empty());
}
