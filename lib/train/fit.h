#pragma once

#include <optional>
#include <vector>

#include "lib/train/callback_list.h"
#include "lib/train/device_feed.h"
#include "lib/train/graphed_step.h"
#include "lib/train/trainer_parts.h"
#include "mien/data/data_loader.h"

namespace mien {

/// One run of Trainer::fit().
class Fit {
 public:
  /// Binds the optimizer; the model is built. Throws before anything of the training has changed.
  Fit(TrainerParts& parts, DataLoader& loader, FitOptions options);
  Fit(const Fit&) = delete;
  Fit& operator=(const Fit&) = delete;
  ~Fit();

  void run();

 private:
  void run_epochs();
  TrainContext make_context();
  void begin();
  /// False where it was interrupted.
  bool run_epoch(int epoch);
  bool train_batches();
  bool validate(Logs& logs);
  void step(const Batch& batch);
  void update_logs();
  bool logs_are_due();
  bool interrupt_wanted() const { return options_.interrupt && options_.interrupt(); }
  void save(State& state) const;
  void keep_average();
  void leave_state();

  TrainerParts& parts_;
  DataLoader& loader_;
  FitOptions options_;
  CallbackList callbacks_;
  TrainContext context_;
  std::vector<nn::Module::Penalty> penalties_;
  DeviceFeed feed_;
  GraphedStep step_;
  Logs logs_;                                 // of the epoch so far
  std::optional<double> logs_read_;           // when
  std::optional<State> metrics_of_training_;  // while validation uses the metrics
};

}  // namespace mien
