#pragma once

#include <string>
#include <string_view>

#include "mien/train/history.h"

// Text as Python would write it.

namespace mien {

/// Python's repr of a float: the shortest digits that read back to the same double.
std::string python_text(double value);

/// The path of a checkpoint: {epoch} (from 1) and the logs by name, with Python's formats d, f, F,
/// e, E, g, G and %, zero padding, width and precision: "{epoch:02d}-{val_loss:.2f}". {{ and }} are
/// braces. Throws ValueError for a name that is not there or a format that is not one of these.
std::string format_path(std::string_view pattern, int epoch, const Logs& logs);

}  // namespace mien
