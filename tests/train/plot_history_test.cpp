#include <cmath>
#include <cstdlib>
#include <limits>

#include "lib/train/figures.h"
#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace mien;
using namespace mien::figure;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// The loss falls for good, the accuracies part; the best validation is epoch 3 of 5.
History five_epochs() {
  const double val_loss[] = {1.8, 1.4, 1.1, 1.3, 1.5}, val_accuracy[] = {0.3, 0.5, 0.6, 0.55, 0.5};
  History history;
  for (int i = 0; i < 5; ++i) {
    history.append({{"loss", 2 - 0.4 * i},
                    {"accuracy", 0.2 + 0.15 * i},
                    {"val_loss", val_loss[i]},
                    {"val_accuracy", val_accuracy[i]}});
  }
  return history;
}

bool close(Color a, Color b) {
  return std::abs(a.r - b.r) <= 8 && std::abs(a.g - b.g) <= 8 && std::abs(a.b - b.b) <= 8;
}

// Whether a pixel of that colour lies within two pixels of the point.
bool has_color_at(const Canvas& canvas, Point p, Color color) {
  for (int y = int(p.y) - 2; y <= int(p.y) + 2; ++y) {
    for (int x = int(p.x) - 2; x <= int(p.x) + 2; ++x) {
      const bool inside = x >= 0 && y >= 0 && x < canvas.width() && y < canvas.height();
      if (inside && close(canvas.at(x, y), color)) return true;
    }
  }
  return false;
}

int count_color(const Canvas& canvas, const Rect& box, Color color) {
  int count = 0;
  for (int y = int(box.top); y < int(box.bottom); ++y) {
    for (int x = int(box.left); x < int(box.right); ++x) count += close(canvas.at(x, y), color);
  }
  return count;
}

}  // namespace

TEST_CASE("both curves of both panels run through their values", "[train]") {
  const History history = five_epochs();
  const HistoryFigure figure = draw_history(history, {});
  REQUIRE(figure.canvas.width() == 1200);
  REQUIRE(figure.canvas.height() == 480);
  REQUIRE(figure.panels.size() == 2);
  const char* names[] = {"loss", "accuracy"};
  for (std::size_t panel = 0; panel < 2; ++panel) {
    const Axes& axes = figure.panels[panel];
    const std::vector<double> training = history.values(names[panel]);
    const std::vector<double> validation = history.values(std::string("val_") + names[panel]);
    for (int i = 0; i < 5; ++i) {
      INFO(names[panel] << " of epoch " << i + 1);
      const std::size_t at = std::size_t(i);
      REQUIRE(has_color_at(figure.canvas, axes.at(i + 1, training[at]), kTraining));
      // The best epoch is a ring: white inside.
      if (i != 2) {
        REQUIRE(has_color_at(figure.canvas, axes.at(i + 1, validation[at]), kValidation));
      }
      if (i == 4) continue;
      const double between = (training[at] + training[at + 1]) / 2;
      REQUIRE(has_color_at(figure.canvas, axes.at(i + 1.5, between), kTraining));
    }
    // Far from all curves there is none of their colours: in the corner below the validation loss.
    REQUIRE_FALSE(has_color_at(figure.canvas, axes.at(5, axes.y.low), kTraining));
  }
}

TEST_CASE("the best epoch is a ring on the validation curve with a dashed line", "[train]") {
  const HistoryFigure figure = draw_history(five_epochs(), {});
  const Axes& loss = figure.panels[0];
  const Point best = loss.at(3, 1.1);
  REQUIRE(figure.canvas.at(int(best.x), int(best.y)) == kWhite);
  REQUIRE(close(figure.canvas.at(int(best.x - 4.5), int(best.y)), kValidation));
  const auto dashes = [&](double epoch) {
    const double x = std::floor(loss.at(epoch, loss.y.low).x);
    return count_color(figure.canvas, {x, loss.area.top, x + 1, loss.area.bottom}, kFrame);
  };
  REQUIRE(dashes(3) > loss.area.height() / 3);
  REQUIRE(dashes(2) == 0);
}

TEST_CASE("a monitor marks its best epoch in both panels, the other way round by mode", "[train]") {
  History history;
  history.append({{"loss", 2}, {"val_loss", 1}, {"accuracy", 0.1}, {"val_accuracy", 0.5}});
  history.append({{"loss", 1}, {"val_loss", 2}, {"accuracy", 0.2}, {"val_accuracy", 0.9}});
  const auto ring_at = [](const HistoryFigure& f, std::size_t panel, double epoch, double value) {
    const Point p = f.panels[panel].at(epoch, value);
    return f.canvas.at(int(p.x), int(p.y)) == kWhite;
  };
  const HistoryFigure own = draw_history(history, {});
  REQUIRE(ring_at(own, 0, 1, 1));
  REQUIRE(ring_at(own, 1, 2, 0.9));
  const HistoryFigure monitored = draw_history(history, {.monitor = "val_acc"});
  REQUIRE_FALSE(ring_at(monitored, 0, 1, 1));
  REQUIRE(ring_at(monitored, 0, 2, 2));
  REQUIRE(ring_at(monitored, 1, 2, 0.9));
}

TEST_CASE("NaN and infinite values leave a gap, and a value alone between gaps is a dot",
          "[train]") {
  History history;
  for (int i = 1; i <= 40; ++i) {
    const bool gap = (i >= 10 && i < 20) || i == 30 || i == 32;
    history.append({{"loss", gap ? (i % 2 ? kNaN : kInf) : 1.0 + (i == 1)}});
  }
  const HistoryFigure figure = draw_history(history, {});
  const Axes& axes = figure.panels[0];
  REQUIRE(axes.y.high < 2.5);
  REQUIRE(has_color_at(figure.canvas, axes.at(8, 1), kTraining));
  REQUIRE(has_color_at(figure.canvas, axes.at(31, 1), kTraining));
  REQUIRE(has_color_at(figure.canvas, axes.at(35, 1), kTraining));
  const Rect hole{axes.at(10, 1).x, axes.area.top, axes.at(19, 1).x, axes.area.bottom};
  REQUIRE(count_color(figure.canvas, hole, kTraining) == 0);
  REQUIRE_FALSE(has_color_at(figure.canvas, axes.at(30.2, 1), kTraining));
}

TEST_CASE("without validation there is one curve, and no validation in the legend", "[train]") {
  History history;
  for (int i = 0; i < 4; ++i) history.append({{"loss", 4.0 - i}, {"acc", 0.1 * i}});
  const HistoryFigure figure = draw_history(history, {});
  const Rect all{0, 0, 1200, 480};
  REQUIRE(figure.panels.size() == 2);
  REQUIRE(count_color(figure.canvas, all, kTraining) > 500);
  REQUIRE(count_color(figure.canvas, all, kValidation) == 0);
  REQUIRE(has_color_at(figure.canvas, figure.panels[1].at(2, 0.1), kTraining));
}

TEST_CASE("title, legend, tick labels and axis names are written beside the axes", "[train]") {
  const HistoryFigure plain = draw_history(five_epochs(), {});
  const HistoryFigure titled = draw_history(five_epochs(), {.title = "Faces"});
  REQUIRE(count_color(titled.canvas, {400, 10, 800, 40}, kInk) > 40);
  for (const Axes& axes : plain.panels) {
    const Rect& a = axes.area;
    const Rect header{a.left, a.top - 30, a.right, a.top},
        below{a.left, a.bottom + 5, a.right, 480};
    const Rect beside{a.left - 45, a.top, a.left - 5, a.bottom};
    REQUIRE(count_color(plain.canvas, header, kInk) > 100);
    REQUIRE(count_color(plain.canvas, header, kTraining) > 20);
    REQUIRE(count_color(plain.canvas, header, kValidation) > 20);
    REQUIRE(count_color(plain.canvas, below, kInk) > 60);
    REQUIRE(count_color(plain.canvas, beside, kInk) > 60);
  }
  // Nothing is cut off at the edges.
  for (const Rect& edge : {Rect{0, 0, 1200, 6}, Rect{0, 474, 1200, 480}, Rect{0, 0, 6, 480},
                           Rect{1194, 0, 1200, 480}}) {
    REQUIRE(count_color(titled.canvas, edge, kWhite) == int(edge.width() * edge.height()));
  }
}

TEST_CASE("a loss that falls over decades gets a logarithmic axis, unless told not to", "[train]") {
  History history;
  for (int i = 0; i <= 6; ++i) history.append({{"loss", std::pow(10, 2 - i)}, {"accuracy", 0.5}});
  REQUIRE(draw_history(history, {}).panels[0].y.logarithmic);
  REQUIRE_FALSE(draw_history(history, {}).panels[1].y.logarithmic);
  REQUIRE_FALSE(draw_history(history, {.loss_scale = LossScale::linear}).panels[0].y.logarithmic);
  history.append({{"loss", 0}});
  REQUIRE_FALSE(
      draw_history(history, {.loss_scale = LossScale::logarithmic}).panels[0].y.logarithmic);
}

TEST_CASE("awkward histories are drawn with all points inside of the axes", "[train]") {
  std::vector<History> histories(7);
  histories[0].append({{"loss", 1.7}, {"accuracy", 0.3}, {"val_loss", 1.5}, {"val_accuracy", 0.4}});
  for (int i = 0; i < 300; ++i) histories[1].append({{"loss", 1.0 / (i + 1)}, {"accuracy", 0.1}});
  for (int i = 0; i < 3; ++i) histories[2].append({{"loss", 0}, {"accuracy", 1}});
  histories[3].append({{"loss", kNaN}, {"accuracy", kInf}});
  histories[4].append({{"loss", 1.7e308}, {"accuracy", 1e299}});
  histories[4].append({{"loss", -1e299}, {"accuracy", -1e299}});
  histories[5].append({{"loss", 5e-324}, {"accuracy", 1e-320}});
  histories[5].append({{"loss", 1e-310}, {"accuracy", 0}});
  histories[6].append({{"mae", 3}});
  for (const History& history : histories) {
    for (int width : {640, 1200}) {
      const HistoryFigure figure = draw_history(history, {.width = width, .height = 320});
      for (const Axes& axes : figure.panels) {
        REQUIRE(axes.area.width() > 100);
        REQUIRE(axes.area.height() > 100);
        REQUIRE(axes.area.right <= width);
        REQUIRE(std::isfinite(axes.y.low));
        REQUIRE(axes.y.low < axes.y.high);
      }
    }
  }
  REQUIRE(draw_history(histories[6], {}).panels.size() == 1);
}

TEST_CASE("plot says what it cannot draw", "[train]") {
  History rates;
  rates.append({{"learning_rate", 1e-3}});
  REQUIRE_THROWS_WITH(draw_history({}, {}), "plot: the history is empty");
  REQUIRE_THROWS_WITH(draw_history(rates, {}), "plot: the history has neither a loss nor a metric");
  REQUIRE_THROWS_WITH(draw_history(five_epochs(), {.metric = "f1"}),
                      "history: there is no 'f1'; there are loss, accuracy, val_loss, "
                      "val_accuracy");
  REQUIRE_THROWS_AS(draw_history(five_epochs(), {.monitor = "val_f1"}), ValueError);
  REQUIRE_THROWS_WITH(draw_history(five_epochs(), {.width = 100}),
                      "plot: a picture has 640 x 320 to 8192 x 8192 pixels; got 100 x 480");
}

TEST_CASE("plot writes the picture it drew, or names the file it could not write", "[train]") {
  const test::TempDir dir;
  const std::string path = dir / "history.png", missing = dir / "missing/history.png";
  plot(five_epochs(), path);
  REQUIRE(read_image(path).pixels == draw_history(five_epochs(), {}).canvas.pixels());
  REQUIRE_THROWS_AS(plot(five_epochs(), missing), IoError);
  REQUIRE_THROWS_WITH(plot(five_epochs(), missing), Contains(missing));
}
