#pragma once

#include <optional>
#include <string>

#include "mien/train/callback.h"

namespace mien {

/// What callbacks that watch a value do first: checks that the logs will hold it (who: name of the
/// callback, for the message) and tells its direction. Throws ValueError.
Mode watch(const std::string& who, const std::string& monitor, Mode mode,
           const TrainContext& context);

/// "loss, accuracy".
std::string join_names(const std::vector<std::string>& names);

/// Whether value is better than best; any value but NaN is better than none.
bool improves_on(Mode mode, double value, const std::optional<double>& best, double min_delta = 0);

/// A value that may be absent, in a State.
void save_optional(State& state, const char* name, const std::optional<double>& value);
std::optional<double> load_optional(const State& state, const char* name);

}  // namespace mien
