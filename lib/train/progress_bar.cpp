#include "mien/train/progress_bar.h"

#include <algorithm>
#include <chrono>

#include "lib/train/progress_text.h"
#include "mien/base/error.h"

namespace mien {
namespace {

constexpr double kInterval = 0.05;  // seconds between two pictures, at least

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

ProgressBar::ProgressBar(ProgressBarOptions options) : options_(options) {
  MIEN_CHECK(options.verbose >= 0 && options.verbose <= 2, ValueError,
             "ProgressBar: verbose must be 0, 1 or 2; got ", options.verbose);
}

void ProgressBar::on_epoch_begin(int epoch, TrainContext& context) {
  start_ = seconds_now();
  last_drawn_ = 0;
  steps_done_ = width_ = 0;
  if (options_.verbose > 0 && context.epochs() > 1) {
    context.print(concat("Epoch ", epoch + 1, "/", context.epochs()));
  }
}

// As Keras: the first step, which sets things up, does not count where there are others.
double ProgressBar::step_seconds(double now) const {
  if (steps_done_ == 0) return 0;
  if (steps_done_ == 1) return now - start_;
  return (now - after_first_step_) / double(steps_done_ - 1);
}

void ProgressBar::on_batch_end(std::int64_t batch, const Logs& logs, TrainContext& context) {
  const double now = seconds_now();
  if (++steps_done_ == 1) after_first_step_ = now;
  if (options_.verbose != 1 || !context.terminal() || now - last_drawn_ < kInterval) return;
  last_drawn_ = now;
  const ProgressText progress{.current = batch + 1,
                              .target = context.steps(),
                              .step_seconds = step_seconds(now),
                              .colour = true};
  draw(bar_text(progress, in_order_of_display(logs)), context);
}

void ProgressBar::on_epoch_end(int, Logs& logs, TrainContext& context) {
  const double now = seconds_now();
  const ProgressText progress{.current = context.steps(),
                              .target = context.steps(),
                              .elapsed = now - start_,
                              .step_seconds = step_seconds(now),
                              .final = true,
                              .colour = context.terminal()};
  const Logs ordered = in_order_of_display(logs);
  if (options_.verbose == 2) context.print(epoch_text(progress, ordered));
  if (options_.verbose != 1) return;
  if (!context.terminal()) return context.print(bar_text(progress, ordered));
  draw(bar_text(progress, ordered), context);
  context.write("\n");
}

// Over the line that stands there, and blanks over what of it would be left.
void ProgressBar::draw(std::string line, TrainContext& context) {
  const std::int64_t before = width_;
  width_ = columns(line);
  if (before > width_) line.append(std::size_t(before - width_), ' ');
  context.write("\r" + line);
}

}  // namespace mien
