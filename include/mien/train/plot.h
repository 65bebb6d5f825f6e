#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mien/data/image.h"
#include "mien/train/history.h"

namespace mien {

/// How the axis of the losses is divided.
enum class LossScale : std::uint8_t { automatic, linear, logarithmic };

/// What plot() may be told.
struct PlotOptions {
  std::string title{};    ///< above the panels; none by default
  std::string metric{};   ///< of the right panel; "": accuracy, or else the first other metric
  std::string monitor{};  ///< marks its best epoch in both panels; "": each panel marks its own
  /// automatic: logarithmic where the largest loss is at least 1000 times the smallest and none is
  /// zero or negative.
  LossScale loss_scale = LossScale::automatic;
  int width = 1200;  ///< pixels, 640 to 8192; text grows with the picture
  int height = 480;  ///< pixels, 320 to 8192
};

/// Draws the loss (left) and a metric (right) against the epochs from 1: training and, where the
/// history has "val_" values, validation; a ring and a dashed line mark the best epoch. NaN and
/// infinite values leave a gap. A history without a metric gives the loss alone, one without a loss
/// the metric alone. path ends in .png (or what else write_image() takes).
/// Throws ValueError for an empty history, a name it does not have, or a size out of range;
/// IoError naming the path where the file cannot be written.
/// ```cpp
/// History history;
/// history.append({{"loss", 1.83}, {"accuracy", 0.27}, {"val_loss", 1.7}, {"val_accuracy", 0.31}});
/// plot(history, "history.png", {.title = "Facial expressions", .monitor = "val_accuracy"});
/// ```
void plot(const History& history, std::string_view path, const PlotOptions& options = {});

/// What plot_confusion_matrix() may be told.
struct ConfusionMatrixOptions {
  std::string title{"Confusion matrix"};
};

/// Draws a confusion matrix: true classes down, predicted ones across; each cell shows its count
/// and its share of the row (of all that truly are of this class), which the colour follows too; a
/// cell without samples stays empty.
/// counts: [classes, classes] row by row, true x predicted; class_names: one a class.
/// The picture grows with the number of classes; where cells become too small for text, the colour
/// alone remains.
/// Throws ValueError where there is no class, a count is negative or counts is not classes *
/// classes long; IoError naming the path where the file cannot be written.
void plot_confusion_matrix(std::span<const std::int64_t> counts,
                           std::span<const std::string> class_names, std::string_view path,
                           const ConfusionMatrixOptions& options = {});

/// An image to show and what to say below it.
struct Sample {
  Image image{};          ///< of 1 to 4 channels; alpha is dropped
  std::string caption{};  ///< e.g. "happy -> sad 0.62"; "->" is drawn as an arrow
  bool wrong = false;     ///< framed, and its caption written, in red
};

/// What plot_samples() may be told.
struct SamplesOptions {
  std::string title{};
  int columns = 0;  ///< 0: as many as make the picture a little wider than high
  int tile = 144;   ///< pixels of the longer side of an image, 48 to 1024
};

/// Draws images in a grid, row by row, each scaled to the tile (its aspect kept) with its caption
/// below, in up to two lines. Enlarging keeps the pixels visible where they are much smaller than
/// the tile (nearest at 4 times and more, bilinear below).
/// Throws ValueError where there is no sample, an image is empty or an option out of range; IoError
/// naming the path where the file cannot be written.
void plot_samples(std::span<const Sample> samples, std::string_view path,
                  const SamplesOptions& options = {});

}  // namespace mien
