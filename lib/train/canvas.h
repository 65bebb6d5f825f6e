#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mien::figure {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0;

  bool operator==(const Color&) const = default;
};

/// Straight mix: a at 0, b at 1.
Color mix(Color a, Color b, double t);

// Blue and vermilion of Okabe and Ito (jfly.uni-koeln.de/color): told apart by every kind of colour
// vision, and in grey.
inline constexpr Color kBlue{0, 114, 178};
inline constexpr Color kVermilion{213, 94, 0};
inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kInk{38, 38, 38};       // text
inline constexpr Color kFrame{120, 120, 120};  // axes and frames
inline constexpr Color kGrid{228, 228, 228};

/// Pixels, from the upper left corner: the middle of the first pixel is (0.5, 0.5).
struct Point {
  double x = 0, y = 0;
};
using Path = std::vector<Point>;

struct Rect {
  double left = 0, top = 0, right = 0, bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// RGB pixels one draws on. What lies outside is left out.
class Canvas {
 public:
  Canvas(int width, int height, Color background = kWhite);

  int width() const { return width_; }
  int height() const { return height_; }
  Color at(int x, int y) const;
  void set(int x, int y, Color color);
  /// [height, width, 3]
  const std::vector<std::uint8_t>& pixels() const { return pixels_; }

  /// Edges between pixels are blended by the part covered.
  void fill(const Rect& box, Color color, double opacity = 1);
  /// Lines with round ends and joints; a path of one point is a dot. All paths are one shape: where
  /// they cross, nothing is drawn twice.
  void stroke(std::span<const Path> paths, double width, Color color, double opacity = 1);
  void stroke(const Path& path, double width, Color color, double opacity = 1) {
    stroke(std::span(&path, 1), width, color, opacity);
  }
  void disc(Point center, double radius, Color color) { stroke({center}, 2 * radius, color); }

 private:
  void cover(Point a, Point b, double half_width);
  void blend(int x, int y, Color color, double opacity);

  int width_, height_;
  std::vector<std::uint8_t> pixels_;
  std::vector<float> coverage_;  // of the shape being drawn; zero in between
};

}  // namespace mien::figure
