#pragma once

#include <cstdint>
#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Options of ProgressBar.
struct ProgressBarOptions {
  int verbose = 1;  // 0: nothing, 1: a bar, 2: one line an epoch
};

/// Shows how training goes, in the look of Keras 3; fit() adds one by itself. Where the output is
/// no terminal there are no colours and one line an epoch.
class ProgressBar : public Callback {
 public:
  explicit ProgressBar(ProgressBarOptions options = {});

  std::string name() const override { return "ProgressBar"; }
  void on_epoch_begin(int epoch, TrainContext& context) override;
  void on_batch_end(std::int64_t batch, const Logs& logs, TrainContext& context) override;
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override;

 private:
  double step_seconds(double now) const;
  void draw(std::string line, TrainContext& context);

  ProgressBarOptions options_;
  double start_ = 0;  // seconds of a clock
  double last_drawn_ = 0;
  double after_first_step_ = 0;
  std::int64_t steps_done_ = 0;  // in this epoch, since it began or went on
  std::int64_t width_ = 0;       // of the line that stands there, in columns
};

}  // namespace mien
