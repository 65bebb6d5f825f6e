#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/train/monitor.h"

namespace mien {

class State;

/// Named numbers of a batch or an epoch, in the order they were set: {"loss", 1.83},
/// {"accuracy", 0.27}, ... Open to any metric. Look values up by name, never by position.
class Logs {
 public:
  using Entry = std::pair<std::string, double>;

  Logs() = default;
  /// Later entries of the same name replace earlier ones.
  Logs(std::initializer_list<Entry> entries);

  /// Replaces the value of that very name, or appends it.
  void set(std::string_view name, double value);
  /// The value, or null. The exact name first, then its other spelling: accuracy/acc,
  /// learning_rate/lr, val_accuracy/val_acc.
  const double* find(std::string_view name) const;
  /// As find(). Throws ValueError "logs: there is no 'f1'; there are loss, accuracy".
  double at(std::string_view name) const;

  /// The entries in their order.
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  std::vector<Entry>::const_iterator end() const { return entries_.end(); }
  bool operator==(const Logs&) const = default;

 private:
  std::vector<Entry> entries_;
};

/// One finished epoch: what it logged and how long it took.
struct Epoch {
  Logs logs{};
  double seconds = 0;  ///< wall clock, training and validation together

  bool operator==(const Epoch&) const = default;
};

/// What fit() returns: the logs of every epoch, first to last (loss, accuracy, val_loss,
/// val_accuracy, learning_rate, ...).
///
/// ```cpp
/// History history;  // or what fit() returned
/// history.append({{"loss", 1.83}, {"accuracy", 0.27}, {"val_accuracy", 0.31}}, 12.5);
/// double last = history.values("val_acc").back();  // 0.31
/// history.write_json("history.json");
/// ```
class History {
 public:
  /// Adds an epoch.
  void append(Logs logs, double seconds = 0);

  /// Number of epochs.
  std::size_t size() const { return epochs_.size(); }
  bool empty() const { return epochs_.empty(); }
  /// Epoch i is epoch i + 1 of the run.
  const std::vector<Epoch>& epochs() const { return epochs_; }
  /// Every name that occurs, in order of first appearance.
  std::vector<std::string> names() const;
  /// Whether any epoch has it; aliases as in Logs::find().
  bool has(std::string_view name) const;
  /// One value an epoch, NaN where an epoch lacks it; aliases as in Logs::find(). Throws ValueError
  /// where no epoch has it, listing the names there are.
  std::vector<double> values(std::string_view name) const;
  /// Index of the best epoch (0 is the first), the earliest of equals; NaN and infinite values
  /// do not compete, nothing where no other is left. Throws ValueError as values() and
  /// resolve_mode() do.
  std::optional<std::size_t> best_epoch(std::string_view monitor = "val_loss",
                                        Mode mode = Mode::automatic) const;
  /// Seconds of all epochs together.
  double seconds() const;

  /// {"epochs":[{"epoch":1,"loss":1.8,...,"seconds":12.5},...]}, one epoch a line: the logs in
  /// their order between "epoch" and "seconds", numbers read back to the same double, null for NaN
  /// and infinities (JSON has none).
  std::string json() const;
  /// Writes json() to a file that appears whole or not at all. Throws IoError naming the path.
  void write_json(std::string_view path) const;
  /// Writes the file that Keras's CSVLogger would have left: header "epoch" and the sorted names,
  /// epochs from 0, "NA" for what an epoch lacks. Whole or not at all. Throws IoError naming the
  /// path.
  void write_csv(std::string_view path) const;

  /// All epochs, NaN and infinities included.
  void save(State& state) const;
  /// Replaces all epochs by the saved ones. Throws ValueError where something is missing; nothing
  /// has changed then.
  void load(const State& state);

  bool operator==(const History&) const = default;

 private:
  std::vector<Epoch> epochs_;
};

}  // namespace mien
