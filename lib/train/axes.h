#pragma once

#include <string>
#include <vector>

#include "lib/train/canvas.h"

namespace mien::figure {

/// Values from low to high along one direction; both ends are finite and low < high.
struct Scale {
  double low = 0, high = 1;
  bool logarithmic = false;

  /// 0 at low, 1 at high.
  double position(double value) const;
};

/// A scale that holds all values with a little room on both sides; a single value gets room around
/// it. No values: 0 to 1. Logarithmic needs all values > 0.
Scale scale_for(const std::vector<double>& values, bool logarithmic);

struct Tick {
  double value = 0;
  std::string label{};
};

/// Ticks at 1, 2, 2.5 or 5 times a power of ten, at most count of them, labels with just the digits
/// they need; on a logarithmic scale powers of ten where there are two or more.
std::vector<Tick> ticks_for(const Scale& scale, int count);

/// Whole numbers of 1..last at most count apart: 1, 10, 20, ... where last is large.
std::vector<Tick> epoch_ticks(int last, int count);

/// Digits after the point, no locale: "0.6712".
std::string fixed(double value, int decimals);

/// A value for people: four decimals, or "1.234e-05" where these say little.
std::string readable(double value);

/// A rectangle of the canvas and the values its sides stand for.
struct Axes {
  Rect area{};
  Scale x{}, y{};

  Point at(double x_value, double y_value) const;
};

}  // namespace mien::figure
