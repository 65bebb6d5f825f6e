#include "mien/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "mien/base/error.h"
#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/nn/dense.h"
#include "mien/nn/dropout.h"
#include "mien/nn/sequential.h"
#include "mien/optim/adam.h"
#include "mien/optim/sgd.h"
#include "mien/train/callbacks.h"
#include "mien/train/metrics.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

const Tensor kXorX = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
const Tensor kXorY = Tensor::from({0, 1, 1, 0}, {4, 1});

/// y = w x with w = 2.
struct OneWeight {
  explicit OneWeight(nn::Regularizer regularizer = {})
      : model(nn::Dense(1, {.use_bias = false, .kernel_regularizer = regularizer})) {
    model.build(Shape{1});
    model.parameters()[0].value.copy_from(Tensor::full({1, 1}, 2));
  }
  double weight() const { return values(model.parameters()[0].value)[0]; }
  nn::Sequential model;
};

const Tensor kX = Tensor::from({1, 2, 3, 4, 5}, {5, 1});
const Tensor kY = Tensor::from({1, 1, 1, 1, 1}, {5, 1});
// Squared errors of w = 2: 1, 9, 25, 49, 81.

}  // namespace

TEST_CASE("Trainer learns the exclusive or", "[train]") {
  set_random_seed(1);
  nn::Sequential model{nn::Dense(8, {.activation = Act::tanh}),
                       nn::Dense(1, {.activation = Act::sigmoid})};
  Trainer trainer(model, {.optimizer = optim::Adam(0.05), .loss = loss::binary_crossentropy()});
  const History history = trainer.fit(kXorX, kXorY, {.epochs = 200, .verbose = 0});
  REQUIRE(history.size() == 200);
  CHECK(history.values("loss").back() < 0.05);
  CHECK(history.values("acc").back() == 1);
  CHECK(trainer.evaluate(kXorX, kXorY).at("accuracy") == 1);
  const std::vector<double> p = values(trainer.predict(kXorX));
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::lround(p[i]) == std::lround(values(kXorY)[i]));
}

TEST_CASE("the logged loss is the mean over samples while the weights change", "[train]") {
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(0.01), .loss = loss::mse()});
  const History history = trainer.fit(kX, kY, {.verbose = 0, .batch_size = 2, .shuffle = false});
  double w = 2, sum = 0;
  for (const std::vector<double>& batch : {std::vector<double>{1, 2}, {3, 4}, {5}}) {
    double gradient = 0;
    for (const double x : batch) {
      sum += (w * x - 1) * (w * x - 1);
      gradient += 2 * (w * x - 1) * x / double(batch.size());
    }
    w -= 0.01 * gradient;
  }
  CHECK(history.values("loss")[0] == Approx(sum / 5));
  CHECK(net.weight() == Approx(w));
}

TEST_CASE("the logs are loss, metrics, the same of validation and the rate", "[train]") {
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(0), .loss = loss::mse(), .metrics = {"mae"}});
  const History history =
      trainer.fit(kX, kY, {.verbose = 0, .batch_size = 2, .validation_split = .4});
  CHECK(history.names() ==
        std::vector<std::string>{"loss", "mae", "val_loss", "val_mae", "learning_rate"});
  CHECK(history.values("loss")[0] == Approx((1 + 9 + 25) / 3.0));
  CHECK(history.values("val_loss")[0] == Approx((49 + 81) / 2.0));  // the last part
  CHECK(history.values("val_mae")[0] == Approx(8));
  CHECK(history.epochs()[0].seconds > 0);
  CHECK(trainer.evaluate(kX, kY, {.batch_size = 2}).at("loss") == Approx(165 / 5.0));
}

TEST_CASE("penalties are part of the reported loss and of the gradient", "[train]") {
  OneWeight net({.l1 = .5, .l2 = .25});
  Trainer trainer(net.model, {.optimizer = optim::SGD(0.01), .loss = loss::mse(), .metrics = {}});
  const double penalty = .5 * 2 + .25 * 4;
  CHECK(trainer.evaluate(kX, kY).at("loss") == Approx(33 + penalty));
  const History history = trainer.fit(kX, kY, {.verbose = 0});
  CHECK(history.values("loss")[0] == Approx(33 + penalty));
  const double gradient = 2.0 / 5 * (1 * 1 + 3 * 2 + 5 * 3 + 7 * 4 + 9 * 5);
  CHECK(net.weight() == Approx(2 - .01 * (gradient + .5 + 2 * .25 * 2)));

  OneWeight frozen({.l2 = 1});
  frozen.model.freeze();
  Trainer other(frozen.model, {.loss = loss::mse(), .metrics = {}});
  CHECK(other.evaluate(kX, kY).at("loss") == Approx(33));  // frozen: none, as in Keras
}

TEST_CASE("class weights scale the loss of their samples, not that of validation", "[train]") {
  nn::Sequential model{
      nn::Dense(2, {.activation = Act::softmax, .kernel_initializer = nn::zeros()})};
  Trainer trainer(model, {.optimizer = optim::SGD(0), .loss = loss::categorical_crossentropy()});
  const Tensor x = Tensor::ones({4, 1});
  const Tensor y = Tensor::from({1, 0, 1, 0, 1, 0, 0, 1}, {4, 2});
  const Tensor labels = Tensor::from({0, 0, 0, 1}, {4}, {.dtype = DType::i32});
  const double each = std::log(2.0);
  FitOptions options{.class_weight = {{1, 5.0}}, .verbose = 0};
  CHECK(trainer.fit(x, y, std::move(options)).values("loss")[0] == Approx((3 + 5) * each / 4));
  CHECK(trainer.evaluate(x, y).at("loss") == Approx(each));

  Trainer sparse(model,
                 {.optimizer = optim::SGD(0), .loss = loss::sparse_categorical_crossentropy()});
  FitOptions both{.class_weight = {{0, .5}, {1, 5.0}}, .verbose = 0};
  CHECK(sparse.fit(x, labels, std::move(both)).values("loss")[0] == Approx((1.5 + 5) * each / 4));

  const auto fit = [&](std::vector<std::pair<std::int64_t, double>> weights) {
    trainer.fit(x, y, {.class_weight = std::move(weights), .verbose = 0});
  };
  CHECK_THROWS_WITH(fit({{2, 1.0}}), "class_weight: there is no class 2; the targets have 2");
  CHECK_THROWS_WITH(fit({{0, 1.0}, {0, 2.0}}), "class_weight: class 0 is given twice");
  CHECK_THROWS_WITH(fit({{0, -1.0}}),
                    "class_weight: the weight of class 0 must be finite and not negative; got -1");
}

// The numbers are those of Keras 3.16 for the same network, data and options.
TEST_CASE("a fit with class weights, penalties and a partial batch gives Keras's figures",
          "[train]") {
  std::vector<double> xs, ys;
  for (int i = 0; i < 11; ++i) {
    xs.insert(xs.end(), {.1 * i, 1 - .05 * i});
    for (int c = 0; c < 3; ++c) ys.push_back(c == i % 3);
  }
  const Tensor x = Tensor::from(xs, {11, 2}), y = Tensor::from(ys, {11, 3});
  nn::Sequential model{
      nn::Dense(3, {.activation = Act::softmax, .kernel_regularizer = {.l1 = .01, .l2 = .02}})};
  model.build(Shape{2});
  const std::vector<NamedTensor> weights = model.parameters();
  Tensor(weights[0].value).copy_from(Tensor::from({.1, -.2, .3, .4, .5, -.6}, {2, 3}));
  Tensor(weights[1].value).copy_from(Tensor::from({.01, .02, .03}, {3}));
  Trainer trainer(model, {.optimizer = optim::SGD(.1, {.momentum = .9}),
                          .loss = loss::categorical_crossentropy(),
                          .metrics = {"acc", TopKAccuracy(2), F1()}});
  FitOptions options{.epochs = 3,
                     .class_weight = {{0, 2.0}, {2, 0.5}},
                     .verbose = 0,
                     .batch_size = 4,
                     .shuffle = false,
                     .validation_split = .25};
  const History history = trainer.fit(x, y, std::move(options));
  const auto check = [&](const char* name, const std::vector<double>& expected) {
    INFO(name);
    const std::vector<double> got = history.values(name);
    for (std::size_t i = 0; i < 3; ++i) CHECK(got[i] == Approx(expected[i]).epsilon(1e-6));
  };
  check("loss", {1.2775055, 1.2348254, 1.2010238});
  check("acc", {.25, .375, .375});
  check("f1_score", {.1904762, .1818182, .1818182});
  check("top_k_categorical_accuracy", {.75, .75, .75});
  check("val_loss", {1.2008719, 1.2477103, 1.3133316});
  check("val_f1_score", {1 / 6.0, 1 / 6.0, 1 / 6.0});
  const std::vector<double> kernel = values(weights[0].value);
  const std::vector<double> expected{.13032337, -.16032921, .19833949,
                                     .6694528,  .27328596,  -.6814421};
  for (std::size_t i = 0; i < 6; ++i) CHECK(kernel[i] == Approx(expected[i]).epsilon(1e-5));
  CHECK(trainer.evaluate(x, y, {.batch_size = 4}).at("loss") == Approx(1.2770429).epsilon(1e-6));
}

TEST_CASE("a loader's data: the model is built for it, predictions come in the dataset's order",
          "[train]") {
  nn::Sequential model{nn::Dense(1)};
  const ArrayDataset data(kX, kY);
  DataLoader loader(data, {.batch_size = 2, .seed = 3});
  Trainer trainer(model, {.optimizer = optim::SGD(0.001), .loss = loss::mse(), .metrics = {}});
  trainer.fit(loader, {.epochs = 2, .verbose = 0});
  CHECK(model.input_shape() == Shape{1});
  CHECK(values(trainer.predict(loader)) == values(trainer.predict(kX)));
  CHECK(values(trainer.predict(kX)) == values(model(kX)));

  ConfusionMatrix matrix;
  trainer.evaluate(loader, {.also = {&matrix}});
  CHECK(matrix.total() == 5);
}

TEST_CASE("a training that cannot be is refused with one clear line", "[train]") {
  OneWeight net;
  const ArrayDataset data(kX, kY);
  DataLoader loader(data);
  Trainer bare(net.model, {});
  CHECK_THROWS_WITH(bare.fit(loader), "fit: the Trainer has no .optimizer");
  CHECK_THROWS_WITH(bare.evaluate(loader), "evaluate: the Trainer has no .loss");
  Trainer trainer(net.model, {.optimizer = optim::SGD(), .loss = loss::mse()});
  CHECK_THROWS_WITH(trainer.fit(loader, {.epochs = 0}), "fit: epochs must be at least 1; got 0");
  CHECK_THROWS_WITH(trainer.fit(loader, {.batch_size = 8}),
                    Contains("are for fit(x, y); a DataLoader has its own"));
  CHECK_THROWS_WITH(trainer.fit(kX, kY, {.validation_split = 1}),
                    "fit: validation_split must be at least 0 and below 1; got 1");
  CHECK_THROWS_WITH(trainer.fit(kX, kY.slice(0, 4)),
                    "fit: x and y must have as many samples; got [5, 1] and [4, 1]");
  CHECK_THROWS_WITH(trainer.fit(kX, kY, {.verbose = 3}),
                    "ProgressBar: verbose must be 0, 1 or 2; got 3");
  const Tensor wide = Tensor::zeros({5, 2});
  CHECK_THROWS_AS(trainer.fit(wide, kY, {.verbose = 0}), Error);
  CHECK(net.weight() == 2);
}

TEST_CASE("a loss that is no number ends training, by a message or an error", "[train]") {
  const Tensor bad = Tensor::from({1, 2, 3, std::nan(""), 5}, {5, 1});
  const auto fit = [&](TerminateOnNaNOptions options) {
    OneWeight net;
    std::string printed;
    Trainer trainer(net.model, {.optimizer = optim::SGD(0.01), .loss = loss::mse()});
    const History history =
        trainer.fit(bad, kY,
                    {.epochs = 3,
                     .callbacks = {TerminateOnNaN(options)},
                     .verbose = 0,
                     .output = {.write = [&](std::string_view text) { printed += text; }},
                     .batch_size = 1,
                     .shuffle = false});
    CHECK(history.size() == 1);
    return printed;
  };
  CHECK(fit({}) == "Batch 3: Invalid loss, terminating training\n");
  CHECK_THROWS_WITH(fit({.raise_error = true}),
                    "NaN or Inf loss encountered at batch 3 of epoch 1. Loss value: nan. "
                    "Terminating training immediately.");
}

TEST_CASE("LearningRateScheduler sets the rate of each epoch", "[train]") {
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(1e-3), .loss = loss::mse()});
  std::string printed;
  const auto halve = [](int epoch, double lr) { return epoch == 0 ? lr : lr / 2; };
  const History history =
      trainer.fit(kX, kY,
                  {.epochs = 3,
                   .callbacks = {LearningRateScheduler(halve, {.verbose = 1})},
                   .verbose = 0,
                   .output = {.write = [&](std::string_view text) { printed += text; }}});
  CHECK(history.values("lr") == std::vector<double>{1e-3, 5e-4, 2.5e-4});
  CHECK(
      printed.starts_with("Epoch 1: LearningRateScheduler setting learning rate to 0.001.\n"
                          "Epoch 2: LearningRateScheduler setting learning rate to 0.0005.\n"));
}

TEST_CASE("CSVLogger writes what the History holds", "[train]") {
  const test::TempDir dir;
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(1e-3), .loss = loss::mse()});
  const History history = trainer.fit(kX, kY,
                                      {.epochs = 2,
                                       .callbacks = {CSVLogger(dir / "log.csv")},
                                       .verbose = 0,
                                       .validation_split = .4});
  history.write_csv(dir / "history.csv");
  const auto text = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  CHECK(text(dir / "log.csv").starts_with("epoch,accuracy,learning_rate,loss,val_accuracy,"));
  CHECK(text(dir / "log.csv") == text(dir / "history.csv"));
}

TEST_CASE("an averaging optimizer validates with, and ends with, the averaged weights", "[train]") {
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(0.01, {.use_ema = true, .ema_momentum = .5}),
                              .loss = loss::mse(),
                              .metrics = {}});
  const ArrayDataset data(kX, kY);
  DataLoader validation(data);
  const History history =
      trainer.fit(kX, kY, {.epochs = 2, .validation = &validation, .verbose = 0});
  const double w = net.weight();
  CHECK(history.values("val_loss")[1] == Approx((55 * w * w - 30 * w + 5) / 5));
}

TEST_CASE("EarlyStopping gives back the averaged weights that validation had", "[train]") {
  OneWeight net;
  Trainer trainer(net.model, {.optimizer = optim::SGD(0.01, {.use_ema = true, .ema_momentum = .5}),
                              .loss = loss::mse(),
                              .metrics = {}});
  const ArrayDataset data(kX, kY);
  DataLoader validation(data);
  const History history =
      trainer.fit(kX, kY,
                  {.epochs = 3,
                   .validation = &validation,
                   .callbacks = {EarlyStopping({.patience = 5, .restore_best_weights = true})},
                   .verbose = 0});
  const double w = net.weight();
  const std::vector<double> losses = history.values("val_loss");
  CHECK(*std::min_element(losses.begin(), losses.end()) == Approx((55 * w * w - 30 * w + 5) / 5));
}

TEST_CASE("validating with the loader that trains does not change the training", "[train]") {
  const auto weight_after = [](bool validated) {
    OneWeight net;
    Trainer trainer(net.model, {.optimizer = optim::SGD(0.01), .loss = loss::mse()});
    const ArrayDataset data(kX, kY);
    DataLoader loader(data, {.batch_size = 1, .seed = 5});
    trainer.fit(loader, {.epochs = 4, .validation = validated ? &loader : nullptr, .verbose = 0});
    return net.weight();
  };
  CHECK(weight_after(true) == weight_after(false));
}

TEST_CASE("a Trainer refuses bf16 activations on the CPU before it begins", "[train]") {
  OneWeight net;
  Trainer trainer(net.model,
                  {.optimizer = optim::SGD(0.01), .loss = loss::mse(), .activations = DType::bf16});
  const double before = net.weight();
  const std::string why = ": activations in bf16 need a CUDA device; the model is on cpu";
  REQUIRE_THROWS_WITH(trainer.fit(kX, kY, {.verbose = 0}), "fit" + why);
  REQUIRE_THROWS_WITH(trainer.evaluate(kX, kY), "evaluate" + why);
  REQUIRE_THROWS_WITH(trainer.predict(kX), "predict" + why);
  CHECK(net.weight() == before);
  REQUIRE_THROWS_WITH(Trainer(net.model, {.activations = DType::f64}),
                      "Trainer: activations are f32 or bf16; got f64");
}

TEST_CASE("a Trainer saved before it has trained loads its weights alone", "[train]") {
  OneWeight one, two;
  two.model.parameters()[0].value.copy_from(Tensor::full({1, 1}, 7));
  State state;
  Trainer(two.model, {.loss = loss::mse()}).save(state);
  Trainer trainer(one.model, {.optimizer = optim::SGD(0), .loss = loss::mse()});
  trainer.load(state);
  CHECK(one.weight() == 7);
  CHECK(trainer.fit(kX, kY, {.verbose = 0}).size() == 1);
}
