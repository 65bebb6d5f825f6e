#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "lib/train/figures.h"
#include "lib/train/text.h"
#include "mien/base/error.h"

namespace mien {
namespace figure {
namespace {

struct Curve {
  std::vector<double> values;  // NaN where there is nothing to draw
  std::string label;
  Color color;
};

struct PanelData {
  std::string name;  // canonical, of the training curve
  std::vector<Curve> curves;
  std::optional<std::size_t> best;  // index of an epoch
};

// Values no axis could hold are as good as infinite; the smallest ones are as good as zero.
std::vector<double> drawable(std::vector<double> values) {
  for (double& value : values) {
    if (!(std::fabs(value) < 1e300)) value = std::numeric_limits<double>::quiet_NaN();
    if (std::fabs(value) < 1e-300) value = 0;
  }
  return values;
}

// Empty where there is neither a metric asked for nor one to choose.
std::string metric_to_draw(const History& history, const std::string& asked) {
  if (!asked.empty() || history.has("accuracy")) return asked.empty() ? "accuracy" : asked;
  for (const std::string& name : history.names()) {
    const std::string canonical = canonical_name(name);
    if (canonical == "loss" || canonical == "learning_rate" || name.starts_with("val_")) continue;
    return name;
  }
  return "";
}

// The best epoch of the curve one judges by; nothing where its name does not say what is better.
std::optional<std::size_t> own_best(const History& history, const std::string& name) {
  try {
    return history.best_epoch(history.has("val_" + name) ? "val_" + name : name);
  } catch (const ValueError&) {
    return std::nullopt;
  }
}

PanelData panel_data(const History& history, const std::string& name, const PlotOptions& options) {
  PanelData panel{canonical_name(name), {}, {}};
  panel.curves.push_back({drawable(history.values(name)), "training", kTraining});
  if (history.has("val_" + name)) {
    panel.curves.push_back({drawable(history.values("val_" + name)), "validation", kValidation});
  }
  panel.best =
      options.monitor.empty() ? own_best(history, name) : history.best_epoch(options.monitor);
  if (panel.best && std::isnan(panel.curves.back().values[*panel.best])) panel.best.reset();
  return panel;
}

std::vector<double> all_values(const PanelData& panel) {
  std::vector<double> values;
  for (const Curve& curve : panel.curves) {
    for (double value : curve.values) {
      if (!std::isnan(value)) values.push_back(value);
    }
  }
  return values;
}

bool draw_logarithmic(const PanelData& panel, LossScale scale) {
  const std::vector<double> values = all_values(panel);
  if (panel.name != "loss" || values.empty() || scale == LossScale::linear) return false;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least > 0 && (scale == LossScale::logarithmic || *most >= 1000 * *least);
}

std::string title_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (name[0] >= 'a' && name[0] <= 'z') name[0] = char(name[0] - 'a' + 'A');
  return name;
}

// Everything that is drawn, in proportion to the size of the picture.
class HistoryPainter {
 public:
  HistoryPainter(const PlotOptions& options)
      : unit_(std::max(0.8, std::min(options.width / 1200.0, options.height / 480.0))),
        canvas_(options.width, options.height) {}

  Axes panel(const PanelData& panel, const Rect& cell, bool logarithmic);
  void title(const std::string& text);
  Canvas take() { return std::move(canvas_); }
  double px(double size) const { return std::round(size * unit_); }

 private:
  struct LegendEntry {
    std::string text;
    const Curve* curve;  // the line, or the ring where marks_best
    bool marks_best;
  };

  double header(const PanelData& panel, double left, double right, double top);
  void legend_entry(const LegendEntry& entry, double x, double baseline);
  void frame(const Axes& axes, const std::vector<Tick>& xs, const std::vector<Tick>& ys,
             const std::string& y_label, double y_label_x);
  void curve(const Axes& axes, const Curve& curve);
  void best(const Axes& axes, const PanelData& panel);
  void ring(Point center, Color color);

  TextStyle small() const { return {.size = px(13)}; }
  TextStyle label() const { return {.size = px(14)}; }
  TextStyle heading() const { return {.size = px(16), .bold = true}; }
  double legend_width(const LegendEntry& entry) const {
    return px(entry.marks_best ? 18 : 30) + text_width(entry.text, small());
  }

  double unit_;
  Canvas canvas_;
};

void HistoryPainter::ring(Point center, Color color) {
  canvas_.disc(center, 5.5 * unit_, color);
  canvas_.disc(center, 3 * unit_, kWhite);
}

void HistoryPainter::legend_entry(const LegendEntry& entry, double x, double baseline) {
  const double middle = baseline - cap_height(small()) / 2.0;
  if (entry.marks_best) {
    ring({x + px(6), middle}, entry.curve->color);
  } else {
    canvas_.stroke({{x, middle}, {x + px(22), middle}}, 2.2 * unit_, entry.curve->color);
  }
  draw_text(canvas_, {x + px(entry.marks_best ? 18 : 30), baseline}, entry.text, small());
}

// The panel's name and its legend, above the axes, where no curve can be in the way; a legend too
// long for the line goes on in the next. Returns where the axes may begin.
double HistoryPainter::header(const PanelData& panel, double left, double right, double top) {
  std::vector<LegendEntry> entries;
  for (const Curve& curve : panel.curves) entries.push_back({curve.label, &curve, false});
  if (panel.best) {
    const Curve& judged = panel.curves.back();
    entries.push_back(
        {concat("best epoch ", *panel.best + 1, " (", readable(judged.values[*panel.best]), ")"),
         &judged, true});
  }
  const std::string title = title_of(panel.name);
  double baseline = top + cap_height(heading());
  draw_text(canvas_, {left, baseline}, title, heading());
  double room = right - left - text_width(title, heading()) - px(20);
  for (std::size_t first = 0; first < entries.size();) {
    double width = legend_width(entries[first]);
    std::size_t end = first + 1;
    while (end < entries.size() && width + px(20) + legend_width(entries[end]) <= room) {
      width += px(20) + legend_width(entries[end++]);
    }
    double x = right - width;
    for (std::size_t i = first; i < end; ++i) {
      legend_entry(entries[i], x, baseline);
      x += legend_width(entries[i]) + px(20);
    }
    first = end;
    room = right - left;
    if (first < entries.size()) baseline += px(20);
  }
  return baseline + px(12);
}

void HistoryPainter::frame(const Axes& axes, const std::vector<Tick>& xs,
                           const std::vector<Tick>& ys, const std::string& y_label,
                           double y_label_x) {
  const Rect& area = axes.area;
  TextStyle style = small();
  style.align = Align::right;
  for (const Tick& tick : ys) {
    const double y = std::floor(axes.at(axes.x.low, tick.value).y);
    canvas_.fill({area.left, y, area.right, y + 1}, kGrid);
    draw_text(canvas_, {area.left - px(8), y + std::floor((cap_height(style) + 1) / 2.0)},
              tick.label, style);
  }
  style.align = Align::center;
  const double x_label_top = area.bottom + px(8) + cap_height(style);
  for (const Tick& tick : xs) {
    const double x = std::floor(axes.at(tick.value, axes.y.low).x);
    canvas_.fill({x, area.top, x + 1, area.bottom}, kGrid);
    canvas_.fill({x, area.bottom, x + 1, area.bottom + px(4)}, kFrame);
    draw_text(canvas_, {x, x_label_top}, tick.label, style);
  }
  canvas_.fill({area.left, area.bottom, area.right, area.bottom + 1}, kFrame);
  canvas_.fill({area.left - 1, area.top, area.left, area.bottom + 1}, kFrame);

  TextStyle names = label();
  names.align = Align::center;
  draw_text(canvas_, {(area.left + area.right) / 2, x_label_top + px(10) + cap_height(names)},
            "epoch", names);
  names.angle = 90;
  draw_text(canvas_, {y_label_x, (area.top + area.bottom) / 2}, y_label, names);
}

void HistoryPainter::curve(const Axes& axes, const Curve& curve) {
  // Few epochs get a dot each: it shows that between them nothing was measured.
  const bool dots = curve.values.size() <= 30;
  std::vector<Path> paths(1);
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    if (std::isnan(curve.values[i])) {
      paths.emplace_back();
      continue;
    }
    paths.back().push_back(axes.at(double(i + 1), curve.values[i]));
  }
  canvas_.stroke(paths, 2.2 * unit_, curve.color);
  for (const Path& path : paths) {
    if (!dots && path.size() != 1) continue;  // a value alone between gaps has no line
    for (const Point& p : path) canvas_.disc(p, 2.8 * unit_, curve.color);
  }
}

void HistoryPainter::best(const Axes& axes, const PanelData& panel) {
  const Curve& judged = panel.curves.back();
  const Point p = axes.at(double(*panel.best + 1), judged.values[*panel.best]);
  const double x = std::floor(p.x);
  for (double y = axes.area.bottom; y > axes.area.top; y -= px(8)) {
    canvas_.fill({x, std::max(axes.area.top, y - px(4)), x + 1, y}, kFrame);
  }
  ring(p, judged.color);
}

Axes HistoryPainter::panel(const PanelData& panel, const Rect& cell, bool logarithmic) {
  const double epochs = double(panel.curves.front().values.size());
  const double x_room = std::max(0.5, 0.025 * (epochs - 1));
  Axes axes{cell, {1 - x_room, epochs + x_room}, scale_for(all_values(panel), logarithmic)};

  axes.area.bottom -= px(22) + px(24);
  const std::vector<Tick> ys = ticks_for(axes.y, std::max(3, int(cell.height() / px(54))));
  double widest = 0;
  for (const Tick& tick : ys) widest = std::max(widest, text_width(tick.label, small()));
  axes.area.left = std::round(cell.left + px(18) + px(10) + widest + px(8));
  axes.area.top = std::round(header(panel, axes.area.left, cell.right, cell.top));
  const std::vector<Tick> xs = epoch_ticks(int(epochs), int(axes.area.width() / px(44)));

  std::string y_label = panel.name;
  std::replace(y_label.begin(), y_label.end(), '_', ' ');
  if (logarithmic) y_label += " (log scale)";
  frame(axes, xs, ys, y_label, cell.left + cap_height(label()));
  if (panel.best) best(axes, panel);
  for (const Curve& c : panel.curves) curve(axes, c);
  if (panel.best) {
    const Curve& judged = panel.curves.back();
    ring(axes.at(double(*panel.best + 1), judged.values[*panel.best]), judged.color);
  }
  if (all_values(panel).empty()) {
    TextStyle style = label();
    style.align = Align::center;
    draw_text(canvas_,
              {(axes.area.left + axes.area.right) / 2, (axes.area.top + axes.area.bottom) / 2},
              "no finite values", style);
  }
  return axes;
}

void HistoryPainter::title(const std::string& text) {
  TextStyle style{.size = px(18), .bold = true, .align = Align::center};
  draw_text(canvas_, {canvas_.width() / 2.0, px(16) + cap_height(style)}, text, style);
}

}  // namespace

HistoryFigure draw_history(const History& history, const PlotOptions& options) {
  MIEN_CHECK(!history.empty(), ValueError, "plot: the history is empty");
  MIEN_CHECK(options.width >= 640 && options.width <= 8192 && options.height >= 320 &&
                 options.height <= 8192,
             ValueError, "plot: a picture has 640 x 320 to 8192 x 8192 pixels; got ", options.width,
             " x ", options.height);
  std::vector<PanelData> data;
  if (history.has("loss")) data.push_back(panel_data(history, "loss", options));
  const std::string metric = metric_to_draw(history, options.metric);
  if (!metric.empty()) data.push_back(panel_data(history, metric, options));
  MIEN_CHECK(!data.empty(), ValueError, "plot: the history has neither a loss nor a metric");

  HistoryPainter painter(options);
  if (!options.title.empty()) painter.title(options.title);
  const double margin = painter.px(20), gap = painter.px(36);
  const double top = options.title.empty() ? margin : margin + painter.px(34);
  const double width =
      (options.width - 2 * margin - gap * double(data.size() - 1)) / double(data.size());
  std::vector<Axes> panels;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const double left = std::round(margin + double(i) * (width + gap));
    const Rect cell{left, top, std::round(left + width), options.height - margin + painter.px(6)};
    panels.push_back(painter.panel(data[i], cell, draw_logarithmic(data[i], options.loss_scale)));
  }
  return {painter.take(), std::move(panels)};
}

void write_canvas(const Canvas& canvas, std::string_view path) {
  write_image(std::string(path), {canvas.height(), canvas.width(), 3, canvas.pixels()});
}

}  // namespace figure

void plot(const History& history, std::string_view path, const PlotOptions& options) {
  figure::write_canvas(figure::draw_history(history, options).canvas, path);
}

}  // namespace mien
