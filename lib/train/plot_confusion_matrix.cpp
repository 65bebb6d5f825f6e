#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "lib/train/figures.h"
#include "lib/train/text.h"
#include "mien/base/error.h"

namespace mien {
namespace figure {
namespace {

constexpr double kMargin = 20, kLabelGap = 8, kLongestLabel = 180;
constexpr double kBarWidth = 14, kBarGap = 24;
constexpr TextStyle kTitle{.size = 18, .bold = true};
constexpr TextStyle kSubtitle{.size = 14};
constexpr TextStyle kAxisName{.size = 15, .align = Align::center};
constexpr TextStyle kClassName{.size = 14};
constexpr TextStyle kBarLabel{.size = 12};

// Large cells for few classes, the smallest with text in them up to 24, then ever smaller ones.
double cell_size(std::size_t classes) {
  const double count = double(classes);
  return std::round(classes <= 24 ? std::clamp(640 / count, 44.0, 120.0)
                                  : std::clamp(1056 / count, 4.0, 44.0));
}

struct Table {
  std::span<const std::int64_t> counts;
  std::size_t classes;
  std::vector<std::int64_t> row_sums;

  std::int64_t count(std::size_t row, std::size_t column) const {
    return counts[row * classes + column];
  }
  // Of all that truly are of this class; 0 where there are none.
  double share(std::size_t row, std::size_t column) const {
    return row_sums[row] == 0 ? 0 : double(count(row, column)) / double(row_sums[row]);
  }
};

Table checked(std::span<const std::int64_t> counts, std::size_t classes) {
  MIEN_CHECK(classes > 0, ValueError, "plot_confusion_matrix: there is no class");
  MIEN_CHECK(counts.size() == classes * classes, ValueError, "plot_confusion_matrix: ", classes,
             " classes need ", classes * classes, " counts; got ", counts.size());
  Table table{counts, classes, std::vector<std::int64_t>(classes)};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    MIEN_CHECK(counts[i] >= 0, ValueError,
               "plot_confusion_matrix: a count is negative: ", counts[i]);
    table.row_sums[i / classes] += counts[i];
  }
  return table;
}

std::string summary(const Table& table) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < table.classes; ++i) right += table.count(i, i);
  const std::int64_t all =
      std::accumulate(table.row_sums.begin(), table.row_sums.end(), std::int64_t{0});
  if (all == 0) return "no samples";
  return concat(right, " of ", all, " right: accuracy ",
                fixed(100 * double(right) / double(all), 2), "%");
}

double linear_light(std::uint8_t value) { return std::pow(value / 255.0, 2.2); }

// Black or white, whichever contrasts more (WCAG 2: they do equally at a luminance of 0.18).
Color ink_on(Color background) {
  const double luminance = 0.2126 * linear_light(background.r) +
                           0.7152 * linear_light(background.g) +
                           0.0722 * linear_light(background.b);
  return luminance > 0.18 ? Color{16, 16, 16} : kWhite;
}

// The largest style of at most this size in which the text fits; none below 9 pixels.
std::optional<TextStyle> fitting(const std::string& text, double width, double size) {
  for (; size >= 9; --size) {
    const TextStyle style{.size = size, .align = Align::center};
    if (text_width(text, style) <= width) return style;
  }
  return std::nullopt;
}

// How all cells are written: both lines, the counts alone, or nothing where they would not fit.
struct CellText {
  std::optional<TextStyle> count{}, percent{};
  double gap = 0;

  CellText(const Table& table, double cell) : gap(std::round(cell / 9)) {
    const std::int64_t largest = *std::max_element(table.counts.begin(), table.counts.end());
    count = fitting(std::to_string(largest), cell - 6, cell > 70 ? 17 : 14);
    if (count && cell < cap_height(*count) + 6) count.reset();
    percent = fitting("88.8%", cell - 4, cell > 70 ? 14 : 11);
    if (!count || (percent && cell < cap_height(*count) + cap_height(*percent) + 12)) {
      percent.reset();
    }
  }
};

void write_cell(Canvas& canvas, const Rect& cell, std::int64_t count, double share,
                const CellText& text) {
  if (count == 0 || !text.count) return;
  TextStyle style = *text.count;
  style.color = ink_on(share_color(share));
  const double below = text.percent ? text.gap + cap_height(*text.percent) : 0;
  const double x = (cell.left + cell.right) / 2;
  const double top = std::round((cell.top + cell.bottom - cap_height(style) - below) / 2);
  const double baseline = top + cap_height(style);
  draw_text(canvas, {x, baseline}, std::to_string(count), style);
  if (!text.percent) return;
  style.size = text.percent->size;
  draw_text(canvas, {x, baseline + below}, share == 1 ? "100%" : fixed(100 * share, 1) + "%",
            style);
}

void draw_color_bar(Canvas& canvas, const Rect& bar) {
  for (double y = bar.top; y < bar.bottom; ++y) {
    canvas.fill({bar.left, y, bar.right, y + 1},
                share_color((bar.bottom - y - 0.5) / bar.height()));
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = std::round(bar.bottom - percent / 100.0 * bar.height());
    draw_text(canvas, {bar.right + 6, y + std::floor(cap_height(kBarLabel) / 2.0)},
              std::to_string(percent) + "%", kBarLabel);
  }
}

// Class names below the columns: level where all fit their column, else slanted.
struct ColumnLabels {
  std::vector<std::string> names;
  double widest = 0;
  bool slanted = false;

  double height() const {
    return slanted ? std::ceil((widest + cap_height(kClassName)) / std::sqrt(2.0))
                   : cap_height(kClassName);
  }
  void draw(Canvas& canvas, double center, double top, std::size_t i) const {
    TextStyle style = kClassName;
    style.align = slanted ? Align::right : Align::center;
    style.angle = slanted ? 45 : 0;
    const double slant = slanted ? cap_height(style) / std::sqrt(2.0) : cap_height(style);
    draw_text(canvas, {center + (slanted ? slant / 2 : 0), top + slant}, names[i], style);
  }
};

// Small cells cannot have a label each: one in every so many.
std::size_t label_step(double cell) { return std::size_t(std::ceil(16 / cell)); }

void frame(Canvas& canvas, const Rect& r) {
  canvas.fill({r.left - 1, r.top - 1, r.right + 1, r.top}, kFrame);
  canvas.fill({r.left - 1, r.bottom, r.right + 1, r.bottom + 1}, kFrame);
  canvas.fill({r.left - 1, r.top, r.left, r.bottom}, kFrame);
  canvas.fill({r.right, r.top, r.right + 1, r.bottom}, kFrame);
}

}  // namespace

Color share_color(double share) {
  constexpr Color light{246, 250, 253}, dark{0, 38, 84};
  return share < 0.6 ? mix(light, kBlue, share / 0.6) : mix(kBlue, dark, (share - 0.6) / 0.4);
}

GridFigure draw_confusion_matrix(std::span<const std::int64_t> counts,
                                 std::span<const std::string> class_names,
                                 const ConfusionMatrixOptions& options) {
  const std::size_t classes = class_names.size();
  const Table table = checked(counts, classes);
  const double cell = cell_size(classes), side = cell * double(classes);
  ColumnLabels labels;
  for (const std::string& name : class_names) {
    labels.names.push_back(shortened(name, kLongestLabel, kClassName));
    labels.widest = std::max(labels.widest, text_width(labels.names.back(), kClassName));
  }
  labels.slanted = labels.widest > cell - 6;

  // From left and top to right and bottom: name of the axis, classes, matrix, colour bar.
  const double axis_name = cap_height(kAxisName) + 12;
  const double left = std::ceil(kMargin + axis_name + labels.widest + kLabelGap);
  const double title = options.title.empty() ? 0 : cap_height(kTitle) + 12;
  const double top = kMargin + title + cap_height(kSubtitle) + 18;
  const Rect matrix{left, top, left + side, top + side};
  const double bar_right = matrix.right + kBarGap + kBarWidth + 6 + text_width("100%", kBarLabel);
  const double text_right =
      kMargin + std::max(text_width(options.title, kTitle), text_width(summary(table), kSubtitle));
  const double bottom = matrix.bottom + kLabelGap + labels.height() + axis_name + kMargin;
  GridFigure figure{Canvas(int(std::ceil(std::max(bar_right, text_right) + kMargin)), int(bottom)),
                    {}};
  Canvas& canvas = figure.canvas;

  const double text_left = std::min(matrix.left, canvas.width() - text_right);
  draw_text(canvas, {text_left, kMargin + cap_height(kTitle)}, options.title, kTitle);
  draw_text(canvas, {text_left, kMargin + title + cap_height(kSubtitle)}, summary(table),
            kSubtitle);

  const CellText text(table, cell);
  for (std::size_t row = 0; row < classes; ++row) {
    for (std::size_t column = 0; column < classes; ++column) {
      const double x = left + double(column) * cell, y = top + double(row) * cell;
      // A line of background between the cells where they are large enough to spare it.
      const double line = cell >= 20 ? 1 : 0;
      figure.cells.push_back({x, y, x + cell - line, y + cell - line});
      const double share = table.share(row, column);
      canvas.fill(figure.cells.back(), share_color(share));
      write_cell(canvas, figure.cells.back(), table.count(row, column), share, text);
    }
  }
  frame(canvas, matrix);

  TextStyle style = kClassName;
  style.align = Align::right;
  for (std::size_t i = 0; i < classes; i += label_step(cell)) {
    const double middle = (double(i) + 0.5) * cell;
    draw_text(canvas, {left - kLabelGap, top + middle + std::floor(cap_height(style) / 2.0)},
              labels.names[i], style);
    labels.draw(canvas, left + middle, matrix.bottom + kLabelGap, i);
  }
  TextStyle upright = kAxisName;
  upright.angle = 90;
  draw_text(canvas, {kMargin + cap_height(kAxisName), (matrix.top + matrix.bottom) / 2}, "true",
            upright);
  draw_text(canvas, {(matrix.left + matrix.right) / 2, bottom - kMargin}, "predicted", kAxisName);
  draw_color_bar(canvas, {matrix.right + kBarGap, matrix.top, matrix.right + kBarGap + kBarWidth,
                          matrix.bottom});
  return figure;
}

}  // namespace figure

void plot_confusion_matrix(std::span<const std::int64_t> counts,
                           std::span<const std::string> class_names, std::string_view path,
                           const ConfusionMatrixOptions& options) {
  figure::write_canvas(figure::draw_confusion_matrix(counts, class_names, options).canvas, path);
}

}  // namespace mien
