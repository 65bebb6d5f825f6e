#include "mien/train/reduce_lr_on_plateau.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/train/python_text.h"
#include "lib/train/watch.h"
#include "mien/base/error.h"

namespace mien {

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)) {
  MIEN_CHECK(options_.factor > 0 && options_.factor < 1, ValueError,
             "ReduceLROnPlateau: factor must be above 0 and below 1; got ", options_.factor);
}

void ReduceLROnPlateau::on_train_begin(TrainContext& context) {
  mode_ = watch(name(), options_.monitor, options_.mode, context);
  MIEN_CHECK(!context.optimizer().scheduled(), ValueError,
             "ReduceLROnPlateau: the optimizer's learning rate follows a schedule of its own");
  wait_ = cooldown_ = 0;
  best_.reset();
}

void ReduceLROnPlateau::on_epoch_end(int epoch, Logs& logs, TrainContext& context) {
  const double current = logs.at(options_.monitor);
  if (cooldown_ > 0) {
    --cooldown_;
    wait_ = 0;
  }
  if (improves_on(mode_, current, best_, std::fabs(options_.min_delta))) {
    best_ = current;
    wait_ = 0;
    return;
  }
  const double lr = context.optimizer().lr();
  if (cooldown_ > 0 || ++wait_ < options_.patience || lr <= options_.min_lr) return;
  const double reduced = std::max(lr * options_.factor, options_.min_lr);
  context.optimizer().set_lr(reduced);
  cooldown_ = options_.cooldown;
  wait_ = 0;
  if (options_.verbose > 0) {
    context.print(concat("Epoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ",
                         python_text(reduced), "."));
  }
}

void ReduceLROnPlateau::save(State& state) const {
  state.set("wait", wait_);
  state.set("cooldown", cooldown_);
  save_optional(state, "best", best_);
}

void ReduceLROnPlateau::load(const State& state) {
  wait_ = int(state.get_int("wait"));
  cooldown_ = int(state.get_int("cooldown"));
  best_ = load_optional(state, "best");
}

}  // namespace mien
