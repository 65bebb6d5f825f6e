#pragma once

#include <memory>
#include <string>

#include "mien/train/callback.h"

namespace mien {

class CsvLog;

/// Keras's parameters and defaults.
struct CSVLoggerOptions {
  char separator = ',';
  bool append = false;  // keep what the file holds, without a second header
};

/// Writes the logs of each epoch to a file: header "epoch" and the sorted names, epochs from 0,
/// "NA" for what is missing; Keras's CSVLogger. A resumed run goes on in its file. fit() throws
/// IoError where it cannot be written.
class CSVLogger : public Callback {
 public:
  explicit CSVLogger(std::string path, CSVLoggerOptions options = {});
  CSVLogger(CSVLogger&&) noexcept;
  CSVLogger& operator=(CSVLogger&&) noexcept;
  ~CSVLogger() override;

  std::string name() const override { return "CSVLogger"; }
  void on_train_begin(TrainContext& context) override;
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override;
  void on_train_end(TrainContext& context) override;

 private:
  std::string path_;
  CSVLoggerOptions options_;
  std::unique_ptr<CsvLog> log_;
};

}  // namespace mien
