#include "mien/train/monitor.h"

#include <algorithm>
#include <array>

#include "mien/base/error.h"

namespace mien {
namespace {

constexpr std::string_view kValidation = "val_";

constexpr std::array<std::string_view, 11> kLower = {
    "loss", "error", "mse", "mae", "mape", "msle", "rmse", "huber", "hinge", "kld", "crossentropy"};
constexpr std::array<std::string_view, 6> kHigher = {"accuracy", "auc", "precision",
                                                     "recall",   "f1",  "f1_score"};

// "mse" and "age_mse" end in the word mse, "amse" does not.
bool ends_in_word(std::string_view name, std::string_view word) {
  if (!name.ends_with(word)) return false;
  return name.size() == word.size() || name[name.size() - word.size() - 1] == '_';
}

template <std::size_t N>
bool ends_in_any(std::string_view name, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return ends_in_word(name, word); });
}

}  // namespace

std::string canonical_name(std::string_view name) {
  const bool validation = name.starts_with(kValidation);
  const std::string_view bare = validation ? name.substr(kValidation.size()) : name;
  const std::string prefix(validation ? kValidation : "");
  if (bare == "acc") return prefix + "accuracy";
  if (bare == "lr") return prefix + "learning_rate";
  return std::string(name);
}

Mode resolve_mode(std::string_view monitor, Mode mode) {
  if (mode != Mode::automatic) return mode;
  const std::string name = canonical_name(monitor);
  if (ends_in_any(name, kHigher)) return Mode::max;
  MIEN_CHECK(ends_in_any(name, kLower), ValueError, "monitor: cannot tell whether '", monitor,
             "' should rise or fall; set mode to Mode::min or Mode::max");
  return Mode::min;
}

bool improves(Mode mode, double value, double best, double min_delta) {
  return mode == Mode::max ? value - min_delta > best : value + min_delta < best;
}

}  // namespace mien
