#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mien/nn/dense.h"
#include "mien/nn/sequential.h"
#include "mien/optim/sgd.h"
#include "mien/train/callbacks.h"
#include "mien/train/trainer.h"
#include "tests/support/values.h"

namespace mien::test {

/// Logs a given value in each epoch, and makes the model's only weight the number of the epoch.
class Script : public Callback {
 public:
  Script(std::string key, std::vector<double> values)
      : key_(std::move(key)), values_(std::move(values)) {}
  std::vector<std::string> adds() const override { return {key_}; }
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override {
    logs.set(key_, values_.at(std::size_t(epoch)));
    context.model().parameters()[0].value.copy_from(Tensor::full({1, 1}, epoch));
  }

 private:
  std::string key_;
  std::vector<double> values_;
};

/// What a scripted training came to.
struct ScriptedRun {
  History history;
  double weight = 0;  // at the end: the number of the epoch it is of
  std::string printed;
  double lr = 0;
};

/// Trains a model of one weight on data without gradients, one epoch for each value, with these
/// callbacks behind the script.
template <class... C>
ScriptedRun run_script(std::string key, std::vector<double> values, C... callbacks) {
  ScriptedRun run;
  const int epochs = int(values.size());
  nn::Sequential model{nn::Dense(1, {.use_bias = false})};
  Trainer trainer(model, {.optimizer = optim::SGD(1.0), .loss = loss::mse(), .metrics = {}});
  class Rate : public Callback {
   public:
    explicit Rate(double* lr) : lr_(lr) {}
    void on_train_end(TrainContext& context) override { *lr_ = context.optimizer().lr(); }

   private:
    double* lr_;
  };
  const auto print = [&run](std::string_view text) { run.printed += text; };
  run.history = trainer.fit(Tensor::zeros({1, 1}), Tensor::zeros({1, 1}),
                            {.epochs = epochs,
                             .callbacks = {Script(std::move(key), std::move(values)),
                                           std::move(callbacks)..., Rate(&run.lr)},
                             .verbose = 0,
                             .output = {.write = print}});
  run.weight = mien::values(model.parameters()[0].value)[0];
  return run;
}

}  // namespace mien::test
