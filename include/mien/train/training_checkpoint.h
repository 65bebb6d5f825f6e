#pragma once

#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Options of TrainingCheckpoint.
struct TrainingCheckpointOptions {
  /// Adds what else belongs into the file, under names of its own.
  Callable<void(State&)> also{};
};

/// Writes the whole state of the training to a file (io::save_checkpoint) before the first epoch,
/// after each one and when fit() is interrupted, so that a run which is killed goes on too, and a
/// disk that cannot take the file is noticed at once. Keras's BackupAndRestore, with the going on
/// left to the caller: trainer.load(io::load_checkpoint(path)).
class TrainingCheckpoint : public Callback {
 public:
  explicit TrainingCheckpoint(std::string path, TrainingCheckpointOptions options = {});

  std::string name() const override { return "TrainingCheckpoint"; }
  void on_checkpoint(TrainContext& context) override;

 private:
  std::string path_;
  TrainingCheckpointOptions options_;
};

}  // namespace mien
