#include "lib/train/watch.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"

namespace mien {

std::string join_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

Mode watch(const std::string& who, const std::string& monitor, Mode mode,
           const TrainContext& context) {
  const std::vector<std::string>& names = context.names();
  const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return canonical_name(name) == canonical_name(monitor);
  });
  MIEN_CHECK(known, ValueError, who, ": monitor '", monitor, "' is not among ", join_names(names));
  return resolve_mode(monitor, mode);
}

bool improves_on(Mode mode, double value, const std::optional<double>& best, double min_delta) {
  if (!best) return !std::isnan(value);
  return improves(mode, value, *best, min_delta);
}

void save_optional(State& state, const char* name, const std::optional<double>& value) {
  if (value) state.set(name, *value);
}

std::optional<double> load_optional(const State& state, const char* name) {
  if (!state.has(name)) return std::nullopt;
  return state.get_double(name);
}

}  // namespace mien
