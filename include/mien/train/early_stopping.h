#pragma once

#include <optional>
#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Keras's parameters and defaults.
struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;  // what a change must exceed to count; its sign is ignored
  int patience = 0;      // epochs without improvement that end training
  int verbose = 0;       // 1: says that it stopped and restored
  Mode mode = Mode::automatic;
  std::optional<double> baseline{};   // patience begins anew only at values better than this, too
  bool restore_best_weights = false;  // at the end, also where training was not stopped (Keras 3)
  int start_from_epoch = 0;           // epochs before it (from 0) do not count
};

/// Ends training when a monitored value has stopped improving. Keras's EarlyStopping, rule by rule,
/// but that a NaN never counts as an improvement. fit() throws ValueError where the logs will not
/// hold the monitor.
class EarlyStopping : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});

  const EarlyStoppingOptions& options() const { return options_; }
  /// The epoch (from 0) that it stopped in, if it did.
  std::optional<int> stopped_epoch() const { return stopped_epoch_; }

  std::string name() const override { return "EarlyStopping"; }
  void on_train_begin(TrainContext& context) override;
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override;
  void on_train_end(TrainContext& context) override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  EarlyStoppingOptions options_;
  Mode mode_ = Mode::min;
  int wait_ = 0;
  int best_epoch_ = 0;
  std::optional<double> best_;
  std::optional<int> stopped_epoch_;
  std::optional<State> best_weights_;
};

}  // namespace mien
