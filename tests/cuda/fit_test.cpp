#include <memory>
#include <string>
#include <vector>

#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/io/checkpoint.h"
#include "mien/io/model.h"
#include "mien/nn.h"
#include "mien/optim.h"
#include "mien/train/callbacks.h"
#include "mien/train/metrics.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

namespace mien {
namespace {

ArrayDataset images(std::int64_t samples, std::uint64_t seed) {
  ArrayDatasetOptions arrays;
  arrays.inputs = random_tensor({samples, 6, 6, 1}, seed, 0, 255, DType::f32);
  std::vector<double> labels, weights;
  for (std::int64_t i = 0; i < samples; ++i) {
    labels.push_back(double(i % 3));
    weights.push_back(1 + 0.1 * double(i % 4));
  }
  arrays.targets = Tensor::from(labels, {samples}, {.dtype = DType::i32});
  arrays.weights = Tensor::from(weights, {samples});
  arrays.classes = 3;
  return ArrayDataset(std::move(arrays));
}

Box<optim::Optimizer> adam() { return optim::Adam(0.01, {.global_clipnorm = 0.5}); }
Box<optim::Optimizer> adamw() {
  return optim::AdamW(0.01, {.weight_decay = 0.01, .decay_vectors = false, .use_ema = true});
}
Box<optim::Optimizer> sgd() { return optim::SGD(0.02, {.momentum = 0.9, .clipnorm = 0.3}); }

// A small network with all that a training may have, on the default device of its making: steps of
// 8, 8 and 4 samples, validation of 8 and 2.
struct Training {
  explicit Training(Device device, Box<optim::Optimizer> optimizer = adam())
      : train_data(images(20, 1)),
        validation_data(images(10, 2)),
        train(train_data, {.batch_size = 8,
                           .seed = 5,
                           .augment = AugmentOptions{.rotation_range = 20, .horizontal_flip = true},
                           .rescale = 1.0 / 255}),
        validation(validation_data, {.batch_size = 8, .shuffle = false, .rescale = 1.0 / 255}) {
    const KeepSettings keep;
    set_default_device(device);
    set_random_seed(2);
    model = nn::Sequential(
        nn::Conv2D(4, {3, 3}, {.use_bias = false, .kernel_regularizer = {.l2 = 0.01}}),
        nn::BatchNormalization(), nn::Activation(Act::relu), nn::MaxPooling2D(), nn::Flatten(),
        nn::Dropout(0.3), nn::Dense(8, {.kernel_regularizer = {.l1 = 0.001}}),
        nn::Activation(Act::relu), nn::Dense(3, {.activation = Act::softmax}));
    model.build(Shape{6, 6, 1});
    trainer = std::make_unique<Trainer>(
        model, TrainerOptions{.optimizer = std::move(optimizer),
                              .loss = loss::categorical_crossentropy(),
                              .metrics = {"accuracy", TopKAccuracy(2), F1(), "mse"},
                              .seed = 4});
  }

  // Interrupted after so many batches, validation's too; 0: never.
  History fit(int epochs, int stop_at = 0) {
    FitOptions options{.epochs = epochs,
                       .validation = &validation,
                       .class_weight = {{0, 2.0}, {2, 0.5}},
                       .verbose = 0,
                       .log_seconds = 1e9};
    options.callbacks.add(EarlyStopping({.patience = 5, .restore_best_weights = true}));
    options.callbacks.add(TerminateOnNaN());
    int asked = 0;
    options.interrupt = [&asked, stop_at] { return ++asked == stop_at; };
    return trainer->fit(train, std::move(options));
  }

  ArrayDataset train_data, validation_data;
  DataLoader train, validation;
  nn::Sequential model;
  std::unique_ptr<Trainer> trainer;
};

// Largest relative difference of any value that the logs have.
double difference(const History& a, const History& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (const auto& [name, value] : b.epochs().front().logs) {
    const std::vector<double> mine = a.values(name), wanted = b.values(name);
    for (std::size_t i = 0; i < mine.size(); ++i)
      worst =
          std::max(worst, std::fabs(mine[i] - wanted[i]) / std::max(1e-3, std::fabs(wanted[i])));
  }
  return worst;
}

double difference(const nn::Module& a, const nn::Module& b) {
  double worst = 0;
  const std::vector<NamedTensor> mine = a.parameters(), wanted = b.parameters();
  for (std::size_t i = 0; i < wanted.size(); ++i)
    worst = std::max(worst, relative_error(mine[i].value, wanted[i].value));
  return worst;
}

}  // namespace

TEST_CASE("fit on the device logs what it logs on the CPU", "[cuda]") {
  const Device cuda = cuda_or_skip();
  for (const auto make : {adam, adamw, sgd}) {
    Training here(kCpu, make()), there(cuda, make());
    const History wanted = here.fit(2), got = there.fit(2);
    CHECK(difference(got, wanted) < 1e-4);
    CHECK(there.model.parameters()[0].value.device() == cuda);
    CHECK(difference(there.model, here.model) < 1e-3);

    const Tensor x = random_tensor({5, 6, 6, 1}, 3, 0, 1, DType::f32);
    const Tensor p = there.trainer->predict(x, 2);
    CHECK(p.device() == kCpu);
    CHECK(relative_error(p, here.trainer->predict(x, 2)) < 1e-4);
    const Logs evaluated = there.trainer->evaluate(there.validation);
    CHECK(evaluated.at("loss") ==
          Approx(here.trainer->evaluate(here.validation).at("loss")).epsilon(1e-4));
  }
}

TEST_CASE("training on the device goes on after an interrupt as if there had been none", "[cuda]") {
  const Device cuda = cuda_or_skip();
  const test::TempDir folder;
  const std::string path = folder / "checkpoint.mien";
  Training whole(cuda);
  const History wanted = whole.fit(3);
  for (const int stop_at : {1, 4, 5, 8}) {
    CAPTURE(stop_at);
    {
      Training first(cuda);
      first.fit(3, stop_at);
      REQUIRE(first.trainer->interrupted());
      State state;
      first.trainer->save(state);
      io::save_checkpoint(state, path);
    }
    Training rest(cuda);
    rest.trainer->load(io::load_checkpoint(path));
    CHECK(difference(rest.fit(3), wanted) == 0);
    CHECK(difference(rest.model, whole.model) == 0);
  }
}

TEST_CASE("a checkpoint of one device goes on on the other", "[cuda]") {
  const Device cuda = cuda_or_skip();
  const test::TempDir folder;
  const std::string path = folder / "checkpoint.mien";
  Training whole(kCpu);
  const History wanted = whole.fit(3);
  for (const Device from : {kCpu, cuda}) {
    INFO("from " << from.str());
    Training first(from);
    first.fit(3, 4);
    State state;
    first.trainer->save(state);
    io::save_checkpoint(state, path);
    const Device to = from == kCpu ? cuda : kCpu;
    Training rest(to);
    rest.trainer->load(io::load_checkpoint(path));
    CHECK(difference(rest.fit(3), wanted) < 1e-4);
    CHECK(rest.model.parameters()[0].value.device() == to);
  }
}

TEST_CASE("a Keras file of one device is read on the other", "[cuda]") {
  const Device cuda = cuda_or_skip();
  const test::TempDir folder;
  const Tensor x = random_tensor({3, 6, 6, 1}, 3, 0, 1, DType::f32);
  for (const Device from : {kCpu, cuda}) {
    INFO("from " << from.str());
    const Device to = from == kCpu ? cuda : kCpu;
    const std::string path = folder / "model.h5";
    Training trained(from);
    trained.fit(1);
    io::save_model(trained.model, path);
    const KeepSettings keep;
    set_default_device(to);
    const nn::Sequential read = io::load_model<nn::Sequential>(path);
    CHECK(read.parameters()[0].value.device() == to);
    CHECK(difference(read, trained.model) == 0);
    nn::Pass pass;
    const Tensor y = read.call(Tensors{x.to(to)}, pass)[0];
    CHECK(relative_error(y, trained.trainer->predict(x)) < 1e-5);
  }
}

}  // namespace mien
