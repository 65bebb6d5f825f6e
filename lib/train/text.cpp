#include "lib/train/text.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "lib/train/glyphs.h"

namespace mien::figure {
namespace {

constexpr double kStem = 1.75, kBoldStem = 2.6;  // in units of the glyphs

// The next character of UTF-8 text; a byte that begins none counts as one, and shows as a box.
char32_t next_character(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(i++);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  char32_t character = first & (0x3f >> more);
  for (int k = 0; k < more; ++k) {
    if (i >= text.size() || (byte(i) & 0xc0) != 0x80) return U'\ufffd';
    character = character << 6 | (byte(i++) & 0x3f);
  }
  return more > 0 ? character : U'\ufffd';
}

// Metrics of a style in pixels. Strokes are placed so that their edges, not their middles, lie
// between pixels.
struct Hinting {
  double scale, stem, whole_stem;

  explicit Hinting(const TextStyle& style)
      : scale(style.size / kUnitsPerEm),
        stem(std::max(1.0, (style.bold ? kBoldStem : kStem) * scale)),
        whole_stem(std::round(stem)) {}

  double snap(double middle) const { return std::round(middle - whole_stem / 2) + whole_stem / 2; }
  // Pixels above the baseline: the lines that letters stand on and reach up to become whole.
  double height(double units) const {
    constexpr double lines[] = {kDescent, 0, kXHeight, kCapHeight};
    const int i = units < 0 ? 0 : units < kXHeight ? 1 : 2;
    const double low = std::round(lines[i] * scale), high = std::round(lines[i + 1] * scale);
    const double t = (units - lines[i]) / (lines[i + 1] - lines[i]);
    return low + t * (high - low) + whole_stem / 2;
  }
};

struct Extent {
  double left = 0, right = 0;
};

Extent extent_of(const Glyph& glyph) {
  Extent extent{glyph.advance, 0};
  for (const Path& stroke : glyph.strokes) {
    for (const Point& p : stroke) {
      extent = {std::min(extent.left, p.x), std::max(extent.right, p.x)};
    }
  }
  return extent;
}

// Sets the text from (0, 0) to the right, y up, in pixels; returns its width. paths may be null.
double set_text(std::string_view text, const TextStyle& style, std::vector<Path>* paths) {
  const Hinting hinting(style);
  // Thick strokes need the room they take.
  const double tracking = style.bold ? (kBoldStem - kStem) / 2 : 0;
  double pen = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Glyph& letter = glyph(next_character(text, i));
    if (letter.strokes.empty()) {
      pen += letter.advance * hinting.scale;
      continue;
    }
    // The gap to the letter before is rounded as a whole, then the letter's own width.
    const Extent extent = extent_of(letter);
    const double left = hinting.snap(pen + (extent.left + tracking / 2) * hinting.scale);
    const double width = (extent.right - extent.left) * hinting.scale;
    const double whole_width = std::round(width);
    const double stretch = width > 0 ? whole_width / width * hinting.scale : 0;
    for (const Path& stroke : letter.strokes) {
      if (paths == nullptr) break;
      Path path;
      for (const Point& p : stroke) {
        path.push_back({left + (p.x - extent.left) * stretch, hinting.height(p.y)});
      }
      paths->push_back(std::move(path));
    }
    pen = left + whole_width + (letter.advance - extent.right + tracking / 2) * hinting.scale;
  }
  return pen;
}

}  // namespace

double text_width(std::string_view text, const TextStyle& style) {
  return set_text(text, style, nullptr);
}

int cap_height(const TextStyle& style) {
  const Hinting hinting(style);
  return int(std::round(kCapHeight * hinting.scale) + hinting.whole_stem);
}

void draw_text(Canvas& canvas, Point at, std::string_view text, const TextStyle& style) {
  std::vector<Path> paths;
  const double width = set_text(text, style, &paths);
  const double before = std::round(style.align == Align::left     ? 0
                                   : style.align == Align::center ? width / 2
                                                                  : width);
  const double radians = style.angle * std::numbers::pi / 180;
  const double c = std::cos(radians), s = std::sin(radians);
  const Point origin{std::round(at.x), std::round(at.y)};
  for (Path& path : paths) {
    for (Point& p : path) {
      const double along = p.x - before;
      p = {origin.x + along * c - p.y * s, origin.y - along * s - p.y * c};
    }
  }
  canvas.stroke(paths, Hinting(style).stem, style.color);
}

std::string shortened(std::string_view text, double width, const TextStyle& style) {
  if (text_width(text, style) <= width) return std::string(text);
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    next_character(text, i);
    if (text_width(std::string(text.substr(0, i)) + "..", style) > width) break;
    end = i;
  }
  return std::string(text.substr(0, end)) + "..";
}

}  // namespace mien::figure
