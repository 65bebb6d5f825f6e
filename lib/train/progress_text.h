#pragma once

#include <cstdint>
#include <string>

#include "mien/train/history.h"

namespace mien {

/// One state of a progress bar.
struct ProgressText {
  std::int64_t current = 0;  // steps done
  std::int64_t target = 1;   // steps in all
  double elapsed = 0;        // seconds
  double step_seconds = 0;   // of one step
  bool final = false;        // the time that it took stands in place of the time that is left
  bool colour = false;
};

/// The logs in the order that Keras 3 shows: the epoch's means sorted, those of the validation
/// sorted, then what else there is.
Logs in_order_of_display(const Logs& logs);

/// " - accuracy: 0.2514 - loss: 1.8099"; four digits, with an exponent where |value| <= 0.001.
std::string logs_text(const Logs& logs);

/// Keras 3's line: "449/449 ━━━━━━━━━━━━━━━━━━━━ 12s 27ms/step" and the logs.
std::string bar_text(const ProgressText& progress, const Logs& logs);

/// Keras's line of verbose = 2: "449/449 - 12s - 27ms/step" and the logs.
std::string epoch_text(const ProgressText& progress, const Logs& logs);

/// Columns that a line takes on a terminal: characters without those of colours.
std::int64_t columns(const std::string& text);

}  // namespace mien
