#pragma once

#include <vector>

#include "mien/data/image.h"

namespace fer {

struct Point {
  double x = 0, y = 0;
};

/// A quadratic Bezier curve.
struct Curve {
  Point from, bend, to;

  Point at(double t) const;
};

/// Where a drawing's unit square, [-1, 1] both ways with y downwards, comes to lie on the canvas.
struct Placement {
  double angle = 0;  // radians, clockwise
  double scale = 1;  // of the canvas's half size
  Point shift{};     // in halves of the canvas
};

/// A gray picture drawn shape over shape. Every pixel is kept as 3 x 3 dots and averaged at the
/// end: edges come out smooth. Shades are 0 (black) to 1 (white); cover is how much of what lies
/// below a shape hides (1: all).
class Canvas {
 public:
  explicit Canvas(int size);

  void place(const Placement& placement);
  /// Overwrites everything: shade at the centre, changing by slope across half the canvas.
  void background(double shade, Point slope);
  void ellipse(Point center, Point radii, double shade, double cover = 1);
  /// An ellipse's part above (below) a line of this height at the centre, which rises by slope.
  void ellipse_above(Point center, Point radii, double height, double slope, double shade);
  /// What lies between two curves that run from left to right with the same ends.
  void between(const Curve& upper, const Curve& lower, double shade, double cover = 1);
  /// An ellipse, as far as it lies between two curves.
  void ellipse_between(Point center, Point radii, const Curve& upper, const Curve& lower,
                       double shade);
  void stroke(const Curve& curve, double width, double shade, double cover = 1);
  /// Multiplies all shades by 1 + slope * position.
  void light(Point slope);

  /// size x size shades, row by row.
  std::vector<double> pixels() const;

 private:
  struct Box {
    Point low, high;
  };
  template <class Inside>
  void paint(const Box& box, double shade, double cover, Inside inside);
  Point to_drawing(double x, double y) const;

  int size_, dots_;  // dots_: along one side
  Placement placement_;
  double cos_ = 1, sin_ = 0;
  std::vector<float> shades_;
};

}  // namespace fer
