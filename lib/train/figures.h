#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/train/axes.h"
#include "lib/train/canvas.h"
#include "mien/train/plot.h"

// The pictures before they are written, with what a test needs to find its way on them.

namespace mien::figure {

inline constexpr Color kTraining = kBlue;
inline constexpr Color kValidation = kVermilion;
inline constexpr Color kRight = kInk;
inline constexpr Color kWrong{196, 24, 24};

struct HistoryFigure {
  Canvas canvas;
  std::vector<Axes> panels;  ///< x counts epochs from 1
};
HistoryFigure draw_history(const History& history, const PlotOptions& options);

struct GridFigure {
  Canvas canvas;
  std::vector<Rect> cells;  ///< row by row
};
GridFigure draw_confusion_matrix(std::span<const std::int64_t> counts,
                                 std::span<const std::string> class_names,
                                 const ConfusionMatrixOptions& options);
GridFigure draw_samples(std::span<const Sample> samples, const SamplesOptions& options);

/// The colour of a share of 0 to 1: white to dark blue.
Color share_color(double share);

/// Throws IoError naming the path.
void write_canvas(const Canvas& canvas, std::string_view path);

}  // namespace mien::figure
