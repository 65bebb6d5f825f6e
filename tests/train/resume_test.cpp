#include <memory>

#include "mien/base/error.h"
#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/io/checkpoint.h"
#include "mien/nn.h"
#include "mien/optim/adam.h"
#include "mien/train/callbacks.h"
#include "mien/train/metrics.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

constexpr int kEpochs = 4, kBatch = 8;

// 20 + 10 images of 6 x 6 in three classes: steps of 8, 8 and 4, validation of 8 and 2.
ArrayDataset images(std::int64_t samples, std::uint64_t seed) {
  ArrayDatasetOptions arrays;
  arrays.inputs = random_tensor({samples, 6, 6, 1}, seed, 0, 255, DType::f32);
  std::vector<double> labels;
  for (std::int64_t i = 0; i < samples; ++i) labels.push_back(double(i % 3));
  arrays.targets = Tensor::from(labels, {samples}, {.dtype = DType::i32});
  arrays.classes = 3;
  return ArrayDataset(std::move(arrays));
}

/// All that random numbers and momentum can be lost in: a network with batch norm and dropout,
/// Adam, augmentation, shuffling, callbacks that count epochs.
struct Training {
  explicit Training(std::uint64_t seed)
      : train_data(images(20, 1)),
        validation_data(images(10, 2)),
        train(train_data, {.batch_size = kBatch,
                           .seed = 5,
                           .augment = AugmentOptions{.rotation_range = 20, .horizontal_flip = true},
                           .rescale = 1.0 / 255}),
        validation(validation_data,
                   {.batch_size = kBatch, .shuffle = false, .rescale = 1.0 / 255}) {
    set_random_seed(seed);
    model =
        nn::Sequential(nn::Conv2D(4, {3, 3}), nn::BatchNormalization(), nn::Activation(Act::relu),
                       nn::Flatten(), nn::Dropout(0.3), nn::Dense(3, {.activation = Act::softmax}));
    model.build(Shape{6, 6, 1});
    trainer =
        std::make_unique<Trainer>(model, TrainerOptions{.optimizer = optim::Adam(0.01),
                                                        .loss = loss::categorical_crossentropy(),
                                                        .metrics = {"accuracy", F1()}});
  }

  /// Interrupted when asked for the stop_at-th time, counted from 1; 0: never.
  History fit(int stop_at = 0, int epochs = kEpochs) {
    const auto halve = [](int, double lr) { return lr / 2; };
    const auto note = [](State& state) { state.set("note", "mine"); };
    FitOptions options{.epochs = epochs, .validation = &validation, .verbose = 0};
    options.callbacks.add(LearningRateScheduler(halve));
    options.callbacks.add(EarlyStopping({.patience = patience, .restore_best_weights = true}));
    options.callbacks.add(ReduceLROnPlateau({.factor = .9, .patience = 1}));
    if (!checkpoint.empty()) options.callbacks.add(TrainingCheckpoint(checkpoint, {.also = note}));
    options.interrupt = [this, stop_at] { return ++asked == stop_at; };
    options.output.write = [](std::string_view) {};
    asked = 0;
    return trainer->fit(train, std::move(options));
  }

  ArrayDataset train_data, validation_data;
  DataLoader train, validation;
  nn::Sequential model;
  std::unique_ptr<Trainer> trainer;
  int asked = 0;
  int patience = 2;
  std::string checkpoint;
};

std::vector<double> weights(const nn::Module& model) {
  std::vector<double> all;
  for (const auto& list : {model.parameters(), model.buffers()}) {
    for (const NamedTensor& each : list) {
      for (const double value : values(each.value)) all.push_back(value);
    }
  }
  return all;
}

std::vector<Logs> logs(const History& history) {
  std::vector<Logs> all;
  for (const Epoch& epoch : history.epochs()) all.push_back(epoch.logs);
  return all;
}

}  // namespace

TEST_CASE("a run interrupted anywhere and resumed gives the bits of the uninterrupted one",
          "[train]") {
  const test::TempDir dir;
  Training whole(7);
  const std::vector<Logs> expected = logs(whole.fit());
  const int times_asked = whole.asked;
  REQUIRE(expected.size() == kEpochs);
  REQUIRE(times_asked == kEpochs * (3 + 2));  // after each batch, of training and validation

  for (int stop_at = 1; stop_at <= times_asked; ++stop_at) {
    INFO("interrupted at " << stop_at);
    {
      Training first(7);
      first.fit(stop_at);
      REQUIRE(first.trainer->interrupted());
      State state;
      first.trainer->save(state);
      io::save_checkpoint(state, dir / "checkpoint.mien");
    }
    Training second(99);  // other weights, other random numbers
    second.trainer->load(io::load_checkpoint(dir / "checkpoint.mien"));
    CHECK(logs(second.fit()) == expected);
    CHECK(weights(second.model) == weights(whole.model));
    CHECK_FALSE(second.trainer->interrupted());
  }
}

TEST_CASE("a run may be interrupted again and again", "[train]") {
  Training whole(7), parts(7);
  const std::vector<Logs> expected = logs(whole.fit());
  State state;
  std::vector<Logs> last;
  for (int i = 0; i < 50 && (i == 0 || parts.trainer->interrupted()); ++i) {
    if (i > 0) {
      State saved;
      parts.trainer->save(saved);
      parts.trainer->load(saved);
    }
    last = logs(parts.fit(3));
  }
  CHECK(last == expected);
  CHECK(weights(parts.model) == weights(whole.model));
}

TEST_CASE("TrainingCheckpoint writes what a longer run can go on from", "[train]") {
  const test::TempDir dir;
  Training whole(7);
  const std::vector<Logs> expected = logs(whole.fit());

  Training first(7);
  first.checkpoint = dir / "a.mien";
  first.fit(0, 2);  // and then gets its best weights back, which the checkpoint must not hold
  const State state = io::load_checkpoint(dir / "a.mien");
  CHECK(state.get_string("note") == "mine");
  Training second(99);
  second.trainer->load(state);
  CHECK(logs(second.fit()) == expected);
  CHECK(weights(second.model) == weights(whole.model));
}

TEST_CASE("a run that was stopped early is not gone on with", "[train]") {
  Training run(7);
  run.patience = 0;
  const History history = run.fit(0, 30);
  REQUIRE(history.size() < 30);
  const std::vector<double> before = weights(run.model);
  State state;
  run.trainer->save(state);
  Training again(99);
  again.patience = 0;
  again.trainer->load(state);
  CHECK(logs(again.fit(0, 30)) == logs(history));
  CHECK(weights(again.model) == before);
}

TEST_CASE("a foreign or damaged state changes nothing", "[train]") {
  Training run(7);
  run.fit(2);
  const std::vector<double> before = weights(run.model);
  State state;
  run.trainer->save(state);

  CHECK_THROWS_WITH(run.trainer->load(State()), Contains("checkpoint: not of a training"));
  nn::Sequential other{nn::Flatten(), nn::Dense(3)};
  other.build(Shape{6, 6, 1});
  Trainer stranger(other, {.optimizer = optim::Adam(), .loss = loss::mse()});
  const std::vector<double> untouched = weights(other);
  CHECK_THROWS_AS(stranger.load(state), Error);
  CHECK(weights(other) == untouched);

  State no_optimizer_state;
  no_optimizer_state.copy_from(state);
  no_optimizer_state.group("optimizer") = State();
  Training target(99);
  const std::vector<double> kept = weights(target.model);
  CHECK_THROWS_AS(target.trainer->load(no_optimizer_state), Error);
  CHECK(weights(target.model) == kept);
  CHECK(weights(run.model) == before);

  DataLoader shifted(run.train_data, {.batch_size = 4, .seed = 5});
  run.trainer->load(state);
  CHECK_THROWS_AS(run.trainer->fit(shifted, {.verbose = 0}), ValueError);
}
