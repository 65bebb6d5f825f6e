#include "mien/train/csv_logger.h"

#include <utility>

#include "lib/train/csv.h"

namespace mien {

CSVLogger::CSVLogger(std::string path, CSVLoggerOptions options)
    : path_(std::move(path)), options_(options) {}
CSVLogger::CSVLogger(CSVLogger&&) noexcept = default;
CSVLogger& CSVLogger::operator=(CSVLogger&&) noexcept = default;
CSVLogger::~CSVLogger() = default;

void CSVLogger::on_train_begin(TrainContext& context) {
  std::optional<std::size_t> next;
  if (context.resumed()) next = std::size_t(context.first_epoch());
  log_ = std::make_unique<CsvLog>(path_, options_.separator, options_.append || next, next);
}

void CSVLogger::on_epoch_end(int epoch, Logs& logs, TrainContext&) {
  log_->write(std::size_t(epoch), logs);
}

void CSVLogger::on_train_end(TrainContext&) { log_.reset(); }

}  // namespace mien
