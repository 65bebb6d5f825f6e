#pragma once

#include <string>

#include "mien/train/callback.h"

namespace mien {

/// Keras's parameter.
struct TerminateOnNaNOptions {
  bool raise_error = false;  // fit() throws ValueError naming epoch and batch
};

/// Ends training as soon as the loss is NaN or infinite: says "Batch 3: Invalid loss, terminating
/// training" (batches from 0), or throws. Keras's TerminateOnNaN.
class TerminateOnNaN : public Callback {
 public:
  explicit TerminateOnNaN(TerminateOnNaNOptions options = {}) : options_(options) {}

  std::string name() const override { return "TerminateOnNaN"; }
  void on_epoch_begin(int epoch, TrainContext& context) override;
  void on_batch_end(std::int64_t batch, const Logs& logs, TrainContext& context) override;

 private:
  TerminateOnNaNOptions options_;
  int epoch_ = 0;
};

}  // namespace mien
