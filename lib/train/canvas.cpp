#include "lib/train/canvas.h"

#include <algorithm>
#include <cmath>

namespace mien::figure {
namespace {

std::uint8_t mix(std::uint8_t a, std::uint8_t b, double t) {
  return static_cast<std::uint8_t>(std::lround(a + (double(b) - a) * t));
}

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  double t = 0;
  if (length2 > 0) t = std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

// The part of pixel i that lies in [low, high].
double overlap(int i, double low, double high) {
  return std::clamp(std::min(high, i + 1.0) - std::max(low, double(i)), 0.0, 1.0);
}

// Whole pixels that [low, high] touches, cut to [0, size).
struct Range {
  int begin, end;
};
Range touched(double low, double high, int size) {
  const double limit = size;
  return {int(std::floor(std::clamp(low, 0.0, limit))),
          int(std::ceil(std::clamp(high, 0.0, limit)))};
}

}  // namespace

Color mix(Color a, Color b, double t) {
  return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
}

Canvas::Canvas(int width, int height, Color background)
    : width_(width),
      height_(height),
      pixels_(std::size_t(width) * std::size_t(height) * 3),
      coverage_(std::size_t(width) * std::size_t(height)) {
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) set(x, y, background);
  }
}

Color Canvas::at(int x, int y) const {
  const std::uint8_t* p = &pixels_[(std::size_t(y) * std::size_t(width_) + std::size_t(x)) * 3];
  return {p[0], p[1], p[2]};
}

void Canvas::set(int x, int y, Color color) {
  std::uint8_t* p = &pixels_[(std::size_t(y) * std::size_t(width_) + std::size_t(x)) * 3];
  p[0] = color.r, p[1] = color.g, p[2] = color.b;
}

void Canvas::blend(int x, int y, Color color, double opacity) {
  set(x, y, mix(at(x, y), color, opacity));
}

void Canvas::fill(const Rect& box, Color color, double opacity) {
  const Range xs = touched(box.left, box.right, width_), ys = touched(box.top, box.bottom, height_);
  for (int y = ys.begin; y < ys.end; ++y) {
    for (int x = xs.begin; x < xs.end; ++x) {
      blend(x, y, color,
            opacity * overlap(x, box.left, box.right) * overlap(y, box.top, box.bottom));
    }
  }
}

void Canvas::cover(Point a, Point b, double half_width) {
  const double reach = half_width + 0.5;
  const Range xs = touched(std::min(a.x, b.x) - reach, std::max(a.x, b.x) + reach, width_);
  const Range ys = touched(std::min(a.y, b.y) - reach, std::max(a.y, b.y) + reach, height_);
  for (int y = ys.begin; y < ys.end; ++y) {
    for (int x = xs.begin; x < xs.end; ++x) {
      const double inside = reach - distance_to_segment({x + 0.5, y + 0.5}, a, b);
      float& c = coverage_[std::size_t(y) * std::size_t(width_) + std::size_t(x)];
      c = std::max(c, float(std::clamp(inside, 0.0, 1.0)));
    }
  }
}

void Canvas::stroke(std::span<const Path> paths, double width, Color color, double opacity) {
  Rect bounds{double(width_), double(height_), 0, 0};
  for (const Path& path : paths) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Point a = path[i], b = path[std::min(i + 1, path.size() - 1)];
      if (i == 0 || i + 1 < path.size()) cover(a, b, width / 2);
      bounds = {std::min(bounds.left, a.x), std::min(bounds.top, a.y), std::max(bounds.right, a.x),
                std::max(bounds.bottom, a.y)};
    }
  }
  const double reach = width / 2 + 1;
  const Range xs = touched(bounds.left - reach, bounds.right + reach, width_);
  const Range ys = touched(bounds.top - reach, bounds.bottom + reach, height_);
  for (int y = ys.begin; y < ys.end; ++y) {
    for (int x = xs.begin; x < xs.end; ++x) {
      float& c = coverage_[std::size_t(y) * std::size_t(width_) + std::size_t(x)];
      if (c > 0) blend(x, y, color, c * opacity);
      c = 0;
    }
  }
}

}  // namespace mien::figure
