#include "examples/fer/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fer {
namespace {

constexpr int kDotsPerPixel = 3;

bool in_ellipse(Point p, Point center, Point radii) {
  const double x = (p.x - center.x) / radii.x, y = (p.y - center.y) / radii.y;
  return x * x + y * y <= 1;
}

/// Height of a curve at x. Its bend lies midway, so x grows evenly along it.
double height_at(const Curve& curve, double x) {
  const double t = (x - curve.from.x) / (curve.to.x - curve.from.x);
  return curve.at(std::clamp(t, 0.0, 1.0)).y;
}

bool in_between(Point p, const Curve& upper, const Curve& lower) {
  return p.x >= upper.from.x && p.x <= upper.to.x && p.y >= height_at(upper, p.x) &&
         p.y <= height_at(lower, p.x);
}

double squared_distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double t =
      length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0.0;
  const double x = p.x - a.x - t * dx, y = p.y - a.y - t * dy;
  return x * x + y * y;
}

}  // namespace

Point Curve::at(double t) const {
  const double a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
  return {a * from.x + b * bend.x + c * to.x, a * from.y + b * bend.y + c * to.y};
}

Canvas::Canvas(int size)
    : size_(size),
      dots_(size * kDotsPerPixel),
      shades_(static_cast<std::size_t>(dots_) * static_cast<std::size_t>(dots_)) {}

void Canvas::place(const Placement& placement) {
  placement_ = placement;
  cos_ = std::cos(placement.angle);
  sin_ = std::sin(placement.angle);
}

Point Canvas::to_drawing(double x, double y) const {
  const double half = dots_ * 0.5;
  const double u = ((x + 0.5) / half - 1 - placement_.shift.x) / placement_.scale;
  const double v = ((y + 0.5) / half - 1 - placement_.shift.y) / placement_.scale;
  return {cos_ * u + sin_ * v, -sin_ * u + cos_ * v};
}

template <class Inside>
void Canvas::paint(const Box& box, double shade, double cover, Inside inside) {
  // The box's corners on the canvas bound the dots that need a look.
  const double half = dots_ * 0.5;
  int left = dots_, right = -1, top = dots_, bottom = -1;
  for (const Point p :
       {box.low, Point{box.high.x, box.low.y}, Point{box.low.x, box.high.y}, box.high}) {
    const double u = (cos_ * p.x - sin_ * p.y) * placement_.scale + placement_.shift.x;
    const double v = (sin_ * p.x + cos_ * p.y) * placement_.scale + placement_.shift.y;
    left = std::min(left, int(std::floor((u + 1) * half)));
    right = std::max(right, int(std::ceil((u + 1) * half)));
    top = std::min(top, int(std::floor((v + 1) * half)));
    bottom = std::max(bottom, int(std::ceil((v + 1) * half)));
  }
  left = std::max(left, 0);
  top = std::max(top, 0);
  right = std::min(right, dots_ - 1);
  bottom = std::min(bottom, dots_ - 1);
  for (int y = top; y <= bottom; ++y) {
    float* row = shades_.data() + std::ptrdiff_t(y) * dots_;
    for (int x = left; x <= right; ++x) {
      if (inside(to_drawing(x, y))) row[x] += float(cover) * (float(shade) - row[x]);
    }
  }
}

void Canvas::background(double shade, Point slope) {
  const double half = dots_ * 0.5;
  for (int y = 0; y < dots_; ++y) {
    for (int x = 0; x < dots_; ++x) {
      shades_[std::size_t(y * dots_ + x)] =
          float(shade + slope.x * (x / half - 1) + slope.y * (y / half - 1));
    }
  }
}

void Canvas::ellipse(Point center, Point radii, double shade, double cover) {
  const Box box{{center.x - radii.x, center.y - radii.y}, {center.x + radii.x, center.y + radii.y}};
  paint(box, shade, cover, [&](Point p) { return in_ellipse(p, center, radii); });
}

void Canvas::ellipse_above(Point center, Point radii, double height, double slope, double shade) {
  const Box box{{center.x - radii.x, center.y - radii.y}, {center.x + radii.x, center.y + radii.y}};
  paint(box, shade, 1, [&](Point p) {
    return p.y <= height - slope * (p.x - center.x) && in_ellipse(p, center, radii);
  });
}

void Canvas::between(const Curve& upper, const Curve& lower, double shade, double cover) {
  const Box box{{upper.from.x, std::min({upper.from.y, upper.bend.y, upper.to.y})},
                {upper.to.x, std::max({lower.from.y, lower.bend.y, lower.to.y})}};
  paint(box, shade, cover, [&](Point p) { return in_between(p, upper, lower); });
}

void Canvas::ellipse_between(Point center, Point radii, const Curve& upper, const Curve& lower,
                             double shade) {
  const Box box{{center.x - radii.x, center.y - radii.y}, {center.x + radii.x, center.y + radii.y}};
  paint(box, shade, 1,
        [&](Point p) { return in_ellipse(p, center, radii) && in_between(p, upper, lower); });
}

void Canvas::stroke(const Curve& curve, double width, double shade, double cover) {
  constexpr int kPieces = 10;
  std::array<Point, kPieces + 1> points{};
  Box box{curve.from, curve.from};
  for (int i = 0; i <= kPieces; ++i) {
    const Point p = points[std::size_t(i)] = curve.at(double(i) / kPieces);
    box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y)};
    box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y)};
  }
  const double radius = width * 0.5;
  box.low = {box.low.x - radius, box.low.y - radius};
  box.high = {box.high.x + radius, box.high.y + radius};
  paint(box, shade, cover, [&](Point p) {
    for (std::size_t i = 0; i < kPieces; ++i) {
      if (squared_distance(p, points[i], points[i + 1]) <= radius * radius) return true;
    }
    return false;
  });
}

void Canvas::light(Point slope) {
  const double half = dots_ * 0.5;
  for (int y = 0; y < dots_; ++y) {
    for (int x = 0; x < dots_; ++x) {
      shades_[std::size_t(y * dots_ + x)] *=
          float(1 + slope.x * (x / half - 1) + slope.y * (y / half - 1));
    }
  }
}

std::vector<double> Canvas::pixels() const {
  std::vector<double> out;
  for (int y = 0; y < size_; ++y) {
    for (int x = 0; x < size_; ++x) {
      double sum = 0;
      for (int dot = 0; dot < kDotsPerPixel * kDotsPerPixel; ++dot) {
        const int dy = y * kDotsPerPixel + dot / kDotsPerPixel;
        const int dx = x * kDotsPerPixel + dot % kDotsPerPixel;
        sum += shades_[std::size_t(dy * dots_ + dx)];
      }
      out.push_back(sum / (kDotsPerPixel * kDotsPerPixel));
    }
  }
  return out;
}

}  // namespace fer
