#include "mien/train/model_checkpoint.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/train/python_text.h"
#include "lib/train/watch.h"
#include "mien/base/error.h"
#include "mien/io/model.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien {
namespace {

std::string five_digits(double value) {
  char text[350];
  std::snprintf(text, sizeof text, "%.5f", value);
  return text;
}

void make_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  MIEN_CHECK(!error, IoError, path, ": its folder cannot be made: ", error.message());
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(std::string path, ModelCheckpointOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

void ModelCheckpoint::on_train_begin(TrainContext& context) {
  // Without save_best_only the monitor does not matter: Keras's default is there without
  // validation.
  if (options_.save_best_only) mode_ = watch(name(), options_.monitor, options_.mode, context);
  Logs logs;
  for (const std::string& each : context.names()) logs.set(each, 0);
  format_path(path_, 0, logs);
  const bool known = dynamic_cast<const nn::Sequential*>(&context.model()) ||
                     dynamic_cast<const nn::Graph*>(&context.model());
  MIEN_CHECK(
      options_.save || known, ValueError,
      "ModelCheckpoint: only nn::Sequential and nn::Graph can be written to a file; set .save");
  best_ = options_.initial_value_threshold;
}

bool ModelCheckpoint::is_due(int epoch, const Logs& logs, const std::string& path,
                             TrainContext& context) {
  std::string message = concat("Epoch ", epoch + 1, ": ");
  bool due = true;
  if (!options_.save_best_only) {
    message += concat("saving model to ", path);
  } else {
    const double current = logs.at(options_.monitor);
    const std::string before = best_ ? five_digits(*best_) : "None";
    due = improves_on(mode_, current, best_);
    message += options_.monitor;
    if (due) {
      message += concat(" improved from ", before, " to ", five_digits(current),
                        ", saving model to ", path);
      best_ = current;
    } else {
      message += concat(" did not improve from ", before);
    }
  }
  if (options_.verbose > 0) context.print(message);
  return due;
}

void ModelCheckpoint::on_epoch_end(int epoch, Logs& logs, TrainContext& context) {
  const std::string path = format_path(path_, epoch, logs);
  if (!is_due(epoch, logs, path, context)) return;
  make_folder_of(path);
  const auto averaged = context.optimizer().swap_ema();
  if (options_.save) {
    options_.save(context.model(), path);
  } else {
    io::save_model(context.model(), path,
                   {.loss = context.loss_name(), .optimizer = &context.optimizer()});
  }
  if (options_.verbose > 0) {
    context.print(concat("Epoch ", epoch + 1, ": finished saving model to ", path));
  }
}

void ModelCheckpoint::save(State& state) const { save_optional(state, "best", best_); }
void ModelCheckpoint::load(const State& state) { best_ = load_optional(state, "best"); }

}  // namespace mien
