#include "mien/train/history.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lib/io/file.h"
#include "lib/train/csv.h"
#include "lib/train/watch.h"
#include "mien/base/error.h"
#include "mien/state.h"

namespace mien {
Logs::Logs(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

void Logs::set(std::string_view name, double value) {
  for (Entry& entry : entries_) {
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  }
  entries_.emplace_back(name, value);
}

const double* Logs::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.first == name) return &entry.second;
  }
  const std::string canonical = canonical_name(name);
  for (const Entry& entry : entries_) {
    if (canonical_name(entry.first) == canonical) return &entry.second;
  }
  return nullptr;
}

double Logs::at(std::string_view name) const {
  const double* value = find(name);
  if (value != nullptr) return *value;
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.first);
  throw ValueError(concat("logs: there is no '", name, "'; there are ", join_names(names)));
}

void History::append(Logs logs, double seconds) { epochs_.push_back({std::move(logs), seconds}); }

std::vector<std::string> History::names() const {
  std::vector<std::string> names;
  for (const Epoch& epoch : epochs_) {
    for (const Logs::Entry& entry : epoch.logs) {
      if (std::find(names.begin(), names.end(), entry.first) == names.end()) {
        names.push_back(entry.first);
      }
    }
  }
  return names;
}

bool History::has(std::string_view name) const {
  return std::any_of(epochs_.begin(), epochs_.end(),
                     [&](const Epoch& epoch) { return epoch.logs.find(name) != nullptr; });
}

std::vector<double> History::values(std::string_view name) const {
  MIEN_CHECK(has(name), ValueError, "history: there is no '", name, "'; there are ",
             join_names(names()));
  std::vector<double> values;
  values.reserve(epochs_.size());
  for (const Epoch& epoch : epochs_) {
    const double* value = epoch.logs.find(name);
    values.push_back(value ? *value : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

std::optional<std::size_t> History::best_epoch(std::string_view monitor, Mode mode) const {
  const std::vector<double> series = values(monitor);
  mode = resolve_mode(monitor, mode);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!std::isfinite(series[i])) continue;
    if (!best || improves(mode, series[i], series[*best])) best = i;
  }
  return best;
}

double History::seconds() const {
  double total = 0;
  for (const Epoch& epoch : epochs_) total += epoch.seconds;
  return total;
}

void History::write_json(std::string_view path) const { io::write_file(std::string(path), json()); }

void History::write_csv(std::string_view path) const {
  std::string text;
  if (!epochs_.empty()) {
    const std::vector<std::string> columns = csv_columns(names());
    text = csv_header(columns);
    for (std::size_t i = 0; i < epochs_.size(); ++i) text += csv_row(columns, i, epochs_[i].logs);
  }
  io::write_file(std::string(path), text);
}

void History::save(State& state) const {
  state.set("epochs", std::uint64_t{epochs_.size()});
  for (std::size_t i = 0; i < epochs_.size(); ++i) {
    State& epoch = state.group(std::to_string(i + 1));
    epoch.set("seconds", epochs_[i].seconds);
    State& logs = epoch.group("logs");
    for (const Logs::Entry& entry : epochs_[i].logs) logs.set(entry.first, entry.second);
  }
}

void History::load(const State& state) {
  std::vector<Epoch> epochs;
  const std::int64_t count = state.get_int("epochs");
  for (std::int64_t i = 1; i <= count; ++i) {
    const State& saved = state.get_group(std::to_string(i));
    Epoch epoch{{}, saved.get_double("seconds")};
    const State& logs = saved.get_group("logs");
    for (const State::Item& item : logs.items()) {
      epoch.logs.set(item.name, logs.get_double(item.name));
    }
    epochs.push_back(std::move(epoch));
  }
  epochs_ = std::move(epochs);
}

}  // namespace mien
