#include "mien/train/early_stopping.h"

#include <cmath>
#include <utility>

#include "lib/train/watch.h"
#include "mien/base/error.h"

namespace mien {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options) : options_(std::move(options)) {
  MIEN_CHECK(options_.patience >= 0, ValueError,
             "EarlyStopping: patience must not be negative; got ", options_.patience);
}

void EarlyStopping::on_train_begin(TrainContext& context) {
  mode_ = watch(name(), options_.monitor, options_.mode, context);
  wait_ = best_epoch_ = 0;
  best_.reset();
  stopped_epoch_.reset();
  best_weights_.reset();
}

void EarlyStopping::on_epoch_end(int epoch, Logs& logs, TrainContext& context) {
  if (epoch < options_.start_from_epoch) return;
  const double current = logs.at(options_.monitor);
  const double min_delta = std::fabs(options_.min_delta);
  const bool improved = improves_on(mode_, current, best_, min_delta);
  if (options_.restore_best_weights && (improved || !best_weights_)) {
    const auto averaged = context.optimizer().swap_ema();  // which validation had
    context.model().save(best_weights_.emplace());
    best_epoch_ = epoch;
  }
  ++wait_;
  if (improved) {
    best_ = current;
    best_epoch_ = epoch;
    if (!options_.baseline || improves(mode_, current, *options_.baseline, min_delta)) wait_ = 0;
  } else if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    context.stop();
  }
}

void EarlyStopping::on_train_end(TrainContext& context) {
  const bool verbose = options_.verbose > 0;
  if (stopped_epoch_ && verbose) {
    context.print(concat("Epoch ", *stopped_epoch_ + 1, ": early stopping"));
  }
  if (!best_weights_) return;
  if (verbose) {
    context.print(
        concat("Restoring model weights from the end of the best epoch: ", best_epoch_ + 1, "."));
  }
  context.model().load(*best_weights_);
}

void EarlyStopping::save(State& state) const {
  state.set("wait", wait_);
  state.set("best_epoch", best_epoch_);
  save_optional(state, "best", best_);
  if (stopped_epoch_) state.set("stopped_epoch", *stopped_epoch_);
  if (best_weights_) state.group("best_weights").copy_from(*best_weights_);
}

void EarlyStopping::load(const State& state) {
  wait_ = int(state.get_int("wait"));
  best_epoch_ = int(state.get_int("best_epoch"));
  best_ = load_optional(state, "best");
  if (state.has("stopped_epoch")) stopped_epoch_ = int(state.get_int("stopped_epoch"));
  if (state.has("best_weights")) {
    best_weights_.emplace().copy_from(state.get_group("best_weights"));
  }
}

}  // namespace mien
