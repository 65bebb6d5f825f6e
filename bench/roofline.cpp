// Draws where a training step's kernel calls stand below what the machine can do: for each op of
// each layer its GFLOP/s over its operations a byte, as the profile counts them (convolutions by
// their definition: Winograd may stand above the roof).
//   roofline FILE.png [MODEL]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/support/fma_peak.h"
#include "bench/support/machine.h"
#include "bench/support/work.h"
#include "kernels/parallel.h"
#include "lib/train/axes.h"
#include "lib/train/figures.h"
#include "lib/train/text.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace {

using namespace mien;
using namespace mien::figure;

constexpr int kSteps = 5;
constexpr std::size_t kNamed = 16;  // points with a number and a line in the legend

struct Place {
  std::string name;
  double gflop = 0, gib = 0, seconds = 0;
  double intensity() const { return gflop * 1e9 / (gib * (1 << 30)); }
  double gflops() const { return gflop / seconds; }
};

// GB/s of y = a x + b with all threads, over arrays no cache holds; the best of a few.
double memory_rate() {
  constexpr std::int64_t n = 96 << 20, grain = 1 << 16;
  std::vector<float> x(n, 1.0f), y(n, 2.0f), z(n, 0.0f);
  double best = 0;
  for (int i = 0; i < 4; ++i) {
    const double begin = bench::now_ms();
    parallel_ranges(n, grain, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t j = from; j < to; ++j)
        z[std::size_t(j)] = 0.5f * x[std::size_t(j)] + y[std::size_t(j)];
    });
    best = std::max(best, 3.0 * 4 * double(n) / 1e6 / (bench::now_ms() - begin));
  }
  return best;
}

std::vector<Place> measured(const std::string& model) {
  const auto work = bench::make_work("train", model, model == "resnet18" ? 64 : 128);
  for (int i = 0; i < 2; ++i) work->step();
  set_profiling(true);
  for (int i = 0; i < kSteps; ++i) work->step();
  set_profiling(false);
  const nlohmann::json trace = nlohmann::json::parse(profile_trace());
  std::map<std::string, Place> by_name;
  for (const auto& event : trace.at("traceEvents")) {
    const auto& args = event.at("args");
    const std::string layer = args.at("layer"), op = event.at("name");
    const bool backward = event.at("cat") == "backward" && op.find("grad_") == std::string::npos;
    Place& point =
        by_name[(layer.empty() ? "" : layer + ": ") + op + (backward ? " backward" : "")];
    point.gflop += args.at("GFLOP").get<double>();
    point.gib += args.at("MiB").get<double>() / 1024;
    point.seconds += event.at("dur").get<double>() * 1e-6;
  }
  std::vector<Place> points;
  for (const auto& entry : by_name) {
    points.push_back(entry.second);
    points.back().name = entry.first;
  }
  std::sort(points.begin(), points.end(),
            [](const Place& a, const Place& b) { return a.seconds > b.seconds; });
  return points;
}

class Roofline {
 public:
  Roofline(double peak, double rate) : peak_(peak), rate_(rate), canvas_(1300, 640) {}

  void draw(const std::string& title, std::vector<Place> points) {
    double all = 0;
    for (const Place& point : points) all += point.seconds;
    const auto has_place = [](const Place& p) { return p.gflop > 0 && p.gib > 0; };
    points.erase(
        std::remove_if(points.begin(), points.end(), [&](const Place& p) { return !has_place(p); }),
        points.end());
    std::vector<double> ys{peak_};
    for (const Place& p : points) ys.push_back(p.gflops());
    const double top = *std::max_element(ys.begin(), ys.end());
    axes_ = {{90, 70, 800, 560}, {0.05, 2000, true}, {0.1, 2 * top, true}};
    draw_text(canvas_, {90, 34}, title, {.size = 17, .bold = true});
    draw_text(
        canvas_, {90, 56},
        "operations a second over operations a byte; the area of a dot is its part of the time",
        {.size = 13});
    frame();
    roof();
    for (std::size_t i = points.size(); i-- > 0;) dot(points[i], i, points[i].seconds / all);
    legend(points, all);
  }
  void write(const std::string& path) const { write_canvas(canvas_, path); }

 private:
  void frame() {
    for (const Tick& tick : ticks_for(axes_.x, 8)) {
      const double x = std::floor(axes_.at(tick.value, axes_.y.low).x);
      canvas_.fill({x, axes_.area.top, x + 1, axes_.area.bottom}, kGrid);
      draw_text(canvas_, {x, 582}, tick.label, {.size = 13, .align = Align::center});
    }
    for (const Tick& tick : ticks_for(axes_.y, 8)) {
      const double y = std::floor(axes_.at(axes_.x.low, tick.value).y);
      canvas_.fill({axes_.area.left, y, axes_.area.right, y + 1}, kGrid);
      draw_text(canvas_, {82, y + 5}, tick.label, {.size = 13, .align = Align::right});
    }
    const Rect& a = axes_.area;
    canvas_.fill({a.left, a.bottom, a.right, a.bottom + 1}, kFrame);
    canvas_.fill({a.left - 1, a.top, a.left, a.bottom + 1}, kFrame);
    draw_text(canvas_, {445, 612}, "floating-point operations a byte",
              {.size = 14, .align = Align::center});
    draw_text(canvas_, {28, 315}, "GFLOP/s", {.size = 14, .align = Align::center, .angle = 90});
  }

  void roof() {
    const double ridge = peak_ / rate_, low = std::max(axes_.x.low, axes_.y.low / rate_);
    canvas_.stroke(
        {axes_.at(low, low * rate_), axes_.at(ridge, peak_), axes_.at(axes_.x.high, peak_)}, 2.2,
        kInk);
    const mien::figure::Point corner = axes_.at(axes_.x.high, peak_);
    draw_text(canvas_, {corner.x - 4, corner.y - 8}, concat(fixed(peak_, 0), " GFLOP/s"),
              {.size = 13, .align = Align::right});
    const mien::figure::Point slope = axes_.at(low * 2, low * 2 * rate_);
    draw_text(canvas_, {slope.x + 14, slope.y + 16}, concat(fixed(rate_, 0), " GB/s"),
              {.size = 13});
  }

  void dot(const Place& p, std::size_t i, double share) {
    const double x = std::clamp(p.intensity(), axes_.x.low, axes_.x.high);
    const double y = std::clamp(p.gflops(), axes_.y.low, axes_.y.high);
    const mien::figure::Point at = axes_.at(x, y);
    const bool conv = p.name.find("conv2d ") != std::string::npos;
    canvas_.stroke({at}, 2 * std::max(3.0, 40 * std::sqrt(share)), conv ? kBlue : kVermilion, 0.55);
    if (i < kNamed)
      draw_text(canvas_, {at.x, at.y + 4}, std::to_string(i + 1),
                {.size = 12, .bold = true, .align = Align::center});
  }

  void legend(const std::vector<Place>& points, double all) {
    double y = 82;
    for (std::size_t i = 0; i < std::min(points.size(), kNamed); ++i, y += 29) {
      const std::string name = concat(i + 1, "  ", points[i].name);
      draw_text(canvas_, {830, y}, shortened(name, 450, {.size = 13}), {.size = 13});
      draw_text(canvas_, {851, y + 13},
                concat(fixed(1e3 * points[i].seconds / kSteps, 1), " ms a step, ",
                       fixed(100 * points[i].seconds / all, 0), "%, ", fixed(points[i].gflops(), 0),
                       " GFLOP/s"),
                {.size = 11, .color = kFrame});
    }
  }

  double peak_, rate_;
  Canvas canvas_;
  Axes axes_;
};

int run(int argc, char** argv) {
  MIEN_CHECK(argc == 2 || argc == 3, ValueError, "usage: roofline FILE.png [MODEL]");
  const std::string model = argc == 3 ? argv[2] : "canonical";
  const double peak = bench::fma_peak() * num_threads();
  MIEN_CHECK(peak > 0, ValueError, "this CPU has no vector kernels to compare with");
  Roofline picture(peak, memory_rate());
  picture.draw(concat("Training step, ", model, ": ", bench::cpu_name(), ", ", num_threads(),
                      " threads, ", cpu_isa()),
               measured(model));
  picture.write(argv[1]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "roofline: %s\n", error.what());
    return 2;
  }
}
