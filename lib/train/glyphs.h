#pragma once

#include <vector>

#include "lib/train/canvas.h"

namespace mien::figure {

// Letters are strokes on a grid of 22 units to the em, y up from the baseline.
inline constexpr double kUnitsPerEm = 22;
inline constexpr double kCapHeight = 14;
inline constexpr double kXHeight = 10;
inline constexpr double kDescent = -4;

struct Glyph {
  double advance = 0;         ///< to the origin of the next letter
  std::vector<Path> strokes;  ///< curves already cut into short lines
};

/// The strokes of a character: ASCII 32 to 126, the degree sign, the plus-minus sign, the middle
/// dot and the right arrow. An empty box for any other.
const Glyph& glyph(char32_t character);

}  // namespace mien::figure
