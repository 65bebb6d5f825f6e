#include "lib/train/fit.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "lib/train/evaluation.h"
#include "lib/train/penalty.h"
#include "lib/train/sample_weights.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"

namespace mien {
namespace {

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

class Stopwatch {
 public:
  double seconds() const { return seconds_now() - start_; }

 private:
  double start_ = seconds_now();
};

}  // namespace

Fit::Fit(TrainerParts& parts, DataLoader& loader, FitOptions options)
    : parts_(parts),
      loader_(loader),
      options_(std::move(options)),
      callbacks_(std::move(options_.callbacks), options_.verbose),
      context_(make_context()),
      penalties_(active_penalties(*parts.model)),
      feed_(device_of(*parts.model), loader),
      step_(parts, penalties_, feed_.device(), options_.graph) {
  check_class_weights(options_.class_weight);
  begin();
  parts_.loader = State();
  parts_.callbacks = State();
  parts_.save_live = [this](State& state) { save(state); };
}

Fit::~Fit() { parts_.save_live = {}; }

TrainContext Fit::make_context() {
  const State* saved = parts_.resume ? &*parts_.resume : nullptr;
  const TrainPosition position =
      saved ? load_position(saved->get_group("position")) : TrainPosition{};
  const bool begun = position.epoch > 0 || position.samples > 0;
  if (begun) {
    loader_.load(saved->get_group("loader"));
  } else if (loader_.batch() > 0) {
    loader_.start(loader_.epoch() + 1);  // an earlier pass ended in the middle
  }
  std::vector<std::string> names{"loss"};
  for (const Box<Metric>& metric : parts_.metrics) names.push_back(metric->name());
  const std::size_t trained = names.size();
  for (std::size_t i = 0; options_.validation && i < trained; ++i) {
    names.push_back("val_" + names[i]);
  }
  for (std::string& name : callbacks_.adds()) names.push_back(std::move(name));
  return TrainContext({.model = *parts_.model,
                       .optimizer = *parts_.optimizer,
                       .epochs = options_.epochs,
                       .steps = loader_.size(),
                       .names = std::move(names),
                       .loss = parts_.loss.name(),
                       .output = options_.output,
                       .resumed = saved != nullptr,
                       .first_epoch = saved ? load_position(saved->get_group("position")).epoch : 0,
                       .first_batch = saved ? loader_.batch() : 0,
                       .save = [this](State& state) { save(state); }});
}

void Fit::begin() {
  if (parts_.resume) {
    const State& saved = *parts_.resume;
    History history;
    history.load(saved.get_group("history"));
    callbacks_.begin(context_, &saved.get_group("callbacks"));
    load_metrics(parts_.metrics, saved.get_group("metrics"));
    parts_.position = load_position(saved.get_group("position"));
    parts_.history = std::move(history);
    parts_.resume.reset();
  } else {
    callbacks_.begin(context_, nullptr);
    reset_metrics(parts_.metrics);
    parts_.position = {};
    parts_.history = {};
  }
  parts_.interrupted = false;
  update_logs();
}

void Fit::run() {
  try {
    run_epochs();
  } catch (...) {
    context_.end_line();  // of a progress bar that will not be finished
    throw;
  }
  context_.end_line();
}

void Fit::run_epochs() {
  if (!context_.resumed()) callbacks_.call(&Callback::on_checkpoint, context_);
  while (parts_.position.epoch < options_.epochs && !parts_.position.stopped) {
    if (run_epoch(parts_.position.epoch)) continue;
    parts_.interrupted = true;
    callbacks_.call(&Callback::on_checkpoint, context_);
    return leave_state();
  }
  keep_average();
  callbacks_.call(&Callback::on_train_end, context_);
  leave_state();
}

// For Trainer::save() after fit(): the loader and the callbacks may be gone by then.
void Fit::leave_state() {
  loader_.save(parts_.loader);
  callbacks_.save(parts_.callbacks);
}

bool Fit::run_epoch(int epoch) {
  TrainPosition& position = parts_.position;
  const Stopwatch watch;
  callbacks_.call(&Callback::on_epoch_begin, epoch, context_);
  Logs logs;
  bool done = train_batches();
  if (done) {
    logs = logs_;
    done = !options_.validation || validate(logs);
  }
  if (!done) {
    position.seconds += watch.seconds();
    return false;
  }
  logs.set("learning_rate", parts_.optimizer->lr());
  callbacks_.call(&Callback::on_epoch_end, epoch, logs, context_);
  const bool good = std::isfinite(logs.at("loss"));
  parts_.history.append(std::move(logs), position.seconds + watch.seconds());
  position = {.epoch = epoch + 1, .stopped = context_.stopping()};
  reset_metrics(parts_.metrics);
  update_logs();
  loader_.start(loader_.epoch() + 1);
  if (good) callbacks_.call(&Callback::on_checkpoint, context_);
  return true;
}

bool Fit::train_batches() {
  // The loader is not asked beyond the last batch: it would begin its next epoch, and this one may
  // still be interrupted during validation.
  logs_read_.reset();
  while (loader_.batch() < loader_.size()) {
    std::int64_t number = loader_.batch();
    callbacks_.call(&Callback::on_batch_begin, number, context_);
    step(*feed_.next());
    if (logs_are_due()) update_logs();
    callbacks_.call(&Callback::on_batch_end, number, logs_, context_);
    if (context_.stopping()) break;
    if (interrupt_wanted()) return false;
  }
  update_logs();
  return true;
}

// On the CPU always. Reading from a device waits for it, so there only now and then.
bool Fit::logs_are_due() {
  if (feed_.device() == kCpu) return true;
  const double now = seconds_now();
  if (logs_read_ && now - *logs_read_ < options_.log_seconds) return false;
  logs_read_ = now;
  return true;
}

void Fit::step(const Batch& batch) {
  const StepData data = feed_.bring(batch, sample_weights(batch, options_.class_weight));
  const GraphedStep::Result result = step_.run(data);
  parts_.position.loss_sum.add(result.loss, double(batch.size()));
  parts_.position.samples += batch.size();
  for (const Box<Metric>& metric : parts_.metrics) metric->update(data.targets, result.predictions);
}

void Fit::update_logs() {
  const TrainPosition& position = parts_.position;
  if (position.samples == 0) return;
  logs_.set("loss", position.loss_sum.value() / double(position.samples));
  for (const Box<Metric>& metric : parts_.metrics) logs_.set(metric->name(), metric->value());
}

bool Fit::validate(Logs& logs) {
  save_metrics(parts_.metrics, metrics_of_training_.emplace());
  callbacks_.call(&Callback::on_validation_begin, context_);
  bool done = false;
  {
    const auto averaged = parts_.optimizer->swap_ema();
    done = evaluate_epoch(parts_, *options_.validation,
                          {.prefix = "val_", .interrupt = &options_.interrupt}, logs);
  }
  if (done) callbacks_.call(&Callback::on_validation_end, logs, context_);
  load_metrics(parts_.metrics, *metrics_of_training_);
  metrics_of_training_.reset();
  return done;
}

// As Keras: the averaged weights are what the training gives.
void Fit::keep_average() {
  if (!parts_.optimizer->options().use_ema) return;
  State average;
  {
    const auto averaged = parts_.optimizer->swap_ema();
    parts_.model->save(average);
  }
  parts_.model->load(average);
}

void Fit::save(State& state) const {
  parts_.save(state);
  if (metrics_of_training_) {
    state.group("metrics") = State();
    state.group("metrics").copy_from(*metrics_of_training_);
  }
  loader_.save(state.group("loader"));
  callbacks_.save(state.group("callbacks"));
}

}  // namespace mien
