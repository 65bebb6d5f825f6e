#pragma once

#include <string>

#include "mien/data/image_folder.h"
#include "mien/train.h"

namespace fer {

/// Keeps history.csv, history.json and history.png in a folder up to date: after each epoch, with
/// all epochs of the run. Those of an earlier run are removed when a new one begins.
class HistoryFiles : public mien::Callback {
 public:
  /// The trainer must outlive it.
  HistoryFiles(const mien::Trainer& trainer, std::string folder);
  void on_checkpoint(mien::TrainContext& context) override;
  void on_train_end(mien::TrainContext& context) override;
  std::string name() const override { return "HistoryFiles"; }

 private:
  void write() const;

  const mien::Trainer& trainer_;
  std::string folder_;
};

/// Predicts all validation images with the trainer's model, draws confusion_matrix.png and
/// samples.png into the folder, and returns the accuracy.
double write_pictures(mien::Trainer& trainer, mien::DataLoader& validation,
                      const mien::ImageFolder& images, const std::string& folder);

}  // namespace fer
