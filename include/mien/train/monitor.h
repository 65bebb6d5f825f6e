#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mien {

/// Which way a monitored quantity improves.
enum class Mode : std::uint8_t { automatic, min, max };

/// The long spelling of a logged name, Keras 3's own: "acc" -> "accuracy", "lr" ->
/// "learning_rate", also behind "val_" ("val_acc" -> "val_accuracy"). Other names stay as they are.
std::string canonical_name(std::string_view name);

/// min or max for what is monitored: mode itself unless automatic, else by the name without "val_".
/// Losses and errors (loss, mse, mean_absolute_error, ...) want min; accuracy, precision, recall,
/// f1, auc and names that end in one of them want max. Throws ValueError for a name that says
/// nothing, as Keras 3 does (Keras 2 guessed min).
Mode resolve_mode(std::string_view monitor, Mode mode = Mode::automatic);

/// Whether value is better than best by more than min_delta (>= 0), strictly, as Keras's
/// callbacks compare. False for a NaN on either side. mode must be min or max.
bool improves(Mode mode, double value, double best, double min_delta = 0);

}  // namespace mien
