#include "mien/train/progress_bar.h"

#include <algorithm>
#include <stdexcept>

#include "lib/train/progress_text.h"
#include "tests/support/catch.h"
#include "tests/train/scripted.h"

using namespace mien;

namespace {

const Logs kLogs{{"loss", 1.502}, {"accuracy", 0.25}};

std::string bar(const ProgressText& progress, const Logs& logs = kLogs) {
  return bar_text(progress, in_order_of_display(logs));
}

}  // namespace

// The lines are those of keras.utils.Progbar 3.16 with a clock of its own.
TEST_CASE("the bar has the look of Keras 3", "[train]") {
  CHECK(bar({.current = 2, .target = 449, .step_seconds = .027, .colour = true}) ==
        "\33[1m  2/449\33[0m \33[37m━━━━━━━━━━━━━━━━━━━━\33[0m \33[1m12s\33[0m 27ms/step"
        " - accuracy: 0.2500 - loss: 1.5020");
  CHECK(bar({.current = 1, .target = 10, .step_seconds = 30, .colour = true}) ==
        "\33[1m 1/10\33[0m \33[32m━━\33[0m\33[37m━━━━━━━━━━━━━━━━━━\33[0m \33[1m4:30\33[0m 30s/step"
        " - accuracy: 0.2500 - loss: 1.5020");
  CHECK(bar({.current = 1, .target = 200, .step_seconds = 30}) ==
        "  1/200 ━━━━━━━━━━━━━━━━━━━━ 1:39:30 30s/step - accuracy: 0.2500 - loss: 1.5020");
  CHECK(bar({.current = 1, .target = 9, .step_seconds = .0004}) ==
        "1/9 ━━━━━━━━━━━━━━━━━━━━ 0s 400us/step - accuracy: 0.2500 - loss: 1.5020");
}

TEST_CASE("the last line of an epoch has the time it took and the validation", "[train]") {
  const Logs logs{{"loss", 1.80991},
                  {"accuracy", .2514},
                  {"val_loss", .0005},
                  {"val_accuracy", .3},
                  {"learning_rate", 1e-4}};
  CHECK(bar({.current = 449,
             .target = 449,
             .elapsed = 12.6,
             .step_seconds = .027,
             .final = true,
             .colour = true},
            logs) ==
        "\33[1m449/449\33[0m \33[32m━━━━━━━━━━━━━━━━━━━━\33[0m\33[37m\33[0m \33[1m13s\33[0m "
        "27ms/step - accuracy: 0.2514 - loss: 1.8099 - val_accuracy: 0.3000 - val_loss: 5.0000e-04"
        " - learning_rate: 1.0000e-04");
  CHECK(epoch_text({.current = 449, .target = 449, .elapsed = 12.6, .step_seconds = .027},
                   in_order_of_display({{"loss", 1.80991}, {"accuracy", .2514}})) ==
        "449/449 - 13s - 27ms/step - accuracy: 0.2514 - loss: 1.8099");
}

TEST_CASE("the width of a line counts characters, not bytes or colours", "[train]") {
  CHECK(columns("\33[1m 1/10\33[0m ━━ 4:30") == 13);
}

namespace {

std::string printed_by(int verbose, bool terminal, int epochs) {
  std::string printed;
  nn::Sequential model{nn::Dense(1)};
  Trainer trainer(model, {.optimizer = optim::SGD(), .loss = loss::mse(), .metrics = {}});
  const auto print = [&](std::string_view text) { printed += text; };
  trainer.fit(Tensor::zeros({4, 1}), Tensor::zeros({4, 1}),
              {.epochs = epochs,
               .callbacks = {test::Script("val_loss", {1, 2}),
                             EarlyStopping({.patience = 1, .verbose = 1})},
               .verbose = verbose,
               .output = {.write = print, .terminal = terminal},
               .batch_size = 2});
  return printed;
}

}  // namespace

TEST_CASE("where the output is no terminal, an epoch has one plain line", "[train]") {
  const std::string printed = printed_by(1, false, 2);
  CHECK(printed.find('\33') == printed.npos);
  CHECK(printed.find('\r') == printed.npos);
  CHECK(std::count(printed.begin(), printed.end(), '\n') == 5);
  CHECK(printed.starts_with("Epoch 1/2\n2/2 ━━━━━━━━━━━━━━━━━━━━ 0s "));
  CHECK_THAT(printed, Contains("\nEpoch 2/2\n2/2 ━"));
  CHECK(printed.ends_with("\nEpoch 2: early stopping\n"));
}

TEST_CASE("on a terminal the bar stays in its line, and messages leave it", "[train]") {
  const std::string printed = printed_by(1, true, 2);
  CHECK(printed.starts_with("Epoch 1/2\n\r\33[1m1/2\33[0m "));
  CHECK(printed.ends_with("\nEpoch 2: early stopping\n"));
  CHECK(std::count(printed.begin(), printed.end(), '\n') == 5);
}

TEST_CASE("verbose 0 prints nothing but messages, 2 one line, one epoch has no header", "[train]") {
  CHECK(printed_by(0, true, 2) == "Epoch 2: early stopping\n");
  CHECK(printed_by(2, true, 2).starts_with("Epoch 1/2\n2/2 - 0s - "));
  CHECK(printed_by(2, true, 1).starts_with("2/2 - 0s - "));
}

TEST_CASE("the bar of an interrupted or failed epoch leaves a whole line behind", "[train]") {
  for (const bool fails : {false, true}) {
    std::string printed;
    nn::Sequential model{nn::Dense(1)};
    Trainer trainer(model, {.optimizer = optim::SGD(), .loss = loss::mse(), .metrics = {}});
    const auto interrupt = [fails] { return fails ? throw std::runtime_error("failed") : true; };
    try {
      trainer.fit(
          Tensor::zeros({4, 1}), Tensor::zeros({4, 1}),
          {.interrupt = interrupt,
           .output = {.write = [&](std::string_view text) { printed += text; }, .terminal = true},
           .batch_size = 2});
      CHECK_FALSE(fails);
    } catch (const std::runtime_error&) {
      CHECK(fails);
    }
    CHECK_THAT(printed, Contains("1/2"));
    CHECK(printed.ends_with("\n"));
  }
}
