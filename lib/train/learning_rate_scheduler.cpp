#include "mien/train/learning_rate_scheduler.h"

#include <utility>

#include "lib/train/python_text.h"
#include "mien/base/error.h"

namespace mien {

LearningRateScheduler::LearningRateScheduler(Schedule schedule,
                                             LearningRateSchedulerOptions options)
    : schedule_(std::move(schedule)), options_(options) {}

void LearningRateScheduler::on_epoch_begin(int epoch, TrainContext& context) {
  if (context.goes_on(epoch)) return;  // the rate was set when the epoch began
  const double lr = schedule_(epoch, context.optimizer().lr());
  context.optimizer().set_lr(lr);
  if (options_.verbose > 0) {
    context.print(concat("Epoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ",
                         python_text(lr), "."));
  }
}

}  // namespace mien
