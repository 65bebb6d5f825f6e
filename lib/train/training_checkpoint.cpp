#include "mien/train/training_checkpoint.h"

#include <utility>

#include "mien/io/checkpoint.h"

namespace mien {

TrainingCheckpoint::TrainingCheckpoint(std::string path, TrainingCheckpointOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

void TrainingCheckpoint::on_checkpoint(TrainContext& context) {
  State state;
  context.save(state);
  if (options_.also) options_.also(state);
  io::save_checkpoint(state, path_);
}

}  // namespace mien
