#pragma once

#include <optional>
#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Keras's parameters and defaults.
struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;              // 1: says what it saves
  bool save_best_only = false;  // only after an epoch whose monitored value is the best so far
  Mode mode = Mode::automatic;
  std::optional<double> initial_value_threshold{};  // the best so far, at first
  /// Another way to write the model than io::save_model().
  Callable<void(const nn::Module&, const std::string& path)> save{};
};

/// Writes the model to a file after each epoch. Keras's ModelCheckpoint, but that a NaN is never
/// the best. The path may hold {epoch} (from 1), {loss}, {val_accuracy} and so on, with Python's
/// formats: "model.{epoch:02d}-{val_loss:.2f}.h5". Missing folders are made.
/// fit() throws ValueError where the logs will not hold the monitor or a name of the path, or where
/// the model is neither nn::Sequential nor nn::Graph and .save is not set.
class ModelCheckpoint : public Callback {
 public:
  explicit ModelCheckpoint(std::string path, ModelCheckpointOptions options = {});

  /// The best value so far.
  std::optional<double> best() const { return best_; }

  std::string name() const override { return "ModelCheckpoint"; }
  void on_train_begin(TrainContext& context) override;
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  bool is_due(int epoch, const Logs& logs, const std::string& path, TrainContext& context);

  std::string path_;
  ModelCheckpointOptions options_;
  Mode mode_ = Mode::min;
  std::optional<double> best_;
};

}  // namespace mien
