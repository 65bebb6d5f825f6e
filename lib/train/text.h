#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/train/canvas.h"

namespace mien::figure {

enum class Align : std::uint8_t { left, center, right };

struct TextStyle {
  double size = 14;  ///< em in pixels, as CSS counts
  Color color = kInk;
  bool bold = false;
  Align align = Align::left;
  double angle = 0;  ///< degrees, counterclockwise around the given point
};

/// Pixels from the first letter's origin to the end of the last.
double text_width(std::string_view text, const TextStyle& style = {});

/// Height of capitals and digits in whole pixels.
int cap_height(const TextStyle& style = {});

/// Draws UTF-8 text whose baseline goes through at. Stems and bars are moved to whole pixels, so
/// small text stays crisp.
void draw_text(Canvas& canvas, Point at, std::string_view text, const TextStyle& style = {});

/// The text, or as much of its beginning as fits followed by "..".
std::string shortened(std::string_view text, double width, const TextStyle& style = {});

}  // namespace mien::figure
