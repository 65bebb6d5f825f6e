#pragma once

#include <optional>
#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Keras's parameters and defaults.
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;  // below 1: the new rate is the old one times this
  int patience = 10;    // epochs without improvement before it reduces
  int verbose = 0;      // 1: says when it reduces
  Mode mode = Mode::automatic;
  double min_delta = 1e-4;  // what a change must exceed to count, absolute; its sign is ignored
  int cooldown = 0;         // epochs after a reduction in which it does not count
  double min_lr = 0;        // the rate does not fall below
};

/// Lowers the learning rate when a monitored value has stopped improving. Keras's
/// ReduceLROnPlateau, rule by rule, but that a NaN never counts as an improvement. Throws
/// ValueError unless 0 < factor < 1; fit() does where the logs will not hold the monitor.
class ReduceLROnPlateau : public Callback {
 public:
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});

  const ReduceLROnPlateauOptions& options() const { return options_; }

  std::string name() const override { return "ReduceLROnPlateau"; }
  void on_train_begin(TrainContext& context) override;
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  ReduceLROnPlateauOptions options_;
  Mode mode_ = Mode::min;
  int wait_ = 0;
  int cooldown_ = 0;  // epochs of it that are left
  std::optional<double> best_;
};

}  // namespace mien
