#pragma once

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/train/history.h"

// CSV as Keras's CSVLogger writes it (keras/src/callbacks/csv_logger.py): Python's excel dialect
// (lines end in CR LF, fields quoted only where they must be), numbers as Python prints them,
// epochs from 0, "NA" for a column that the logs lack.

namespace mien {

/// The columns behind "epoch" for logs of these names: the names sorted; where none begins with
/// "val_", "val_" + each of them once more, so that a file started without validation can be
/// appended to with it.
std::vector<std::string> csv_columns(std::vector<std::string> names);

/// "epoch,accuracy,loss\r\n".
std::string csv_header(const std::vector<std::string>& columns, char separator = ',');

/// "0,0.27,1.83\r\n": epoch and the value of each column; aliases as in Logs::find().
std::string csv_row(const std::vector<std::string>& columns, std::size_t epoch, const Logs& logs,
                    char separator = ',');

/// A CSV file that grows by a row an epoch; each row is on its way to the disk when write()
/// returns.
class CsvLog {
 public:
  /// Opens the file at once, so that a path that cannot be written is known before training.
  /// append keeps what is there, header included, and drops a last row that was cut short (the
  /// program was killed while writing it); else the file starts empty. next: where given, last rows
  /// of that epoch and later ones are dropped, which a run that goes on there writes again. Throws
  /// IoError naming it.
  explicit CsvLog(std::string_view path, char separator = ',', bool append = false,
                  std::optional<std::size_t> next = {});

  /// Adds the row of one epoch (from 0). The first row of an empty file fixes the columns and
  /// writes the header; logs that appear later have no column and are left out, as in Keras.
  /// Throws IoError naming the file, also where the first row finds that an appended file lacks a
  /// column for one of its logs: those rows would not mean what the header says.
  void write(std::size_t epoch, const Logs& logs);

 private:
  void read_header(std::string_view line);

  std::string path_;
  char separator_ = ',';
  std::vector<std::string> columns_;  // empty until known
  bool first_row_ = true;
  std::ofstream file_;
};

}  // namespace mien
