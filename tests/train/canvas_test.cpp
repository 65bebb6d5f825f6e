#include "lib/train/canvas.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "lib/train/glyphs.h"
#include "lib/train/text.h"
#include "tests/support/catch.h"

using namespace mien::figure;

namespace {

// The smallest box around all pixels that are not white; empty where there are none.
struct Bounds {
  int left = 1 << 20, top = 1 << 20, right = -1, bottom = -1;
};

Bounds drawn(const Canvas& canvas) {
  Bounds b;
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      if (canvas.at(x, y) == kWhite) continue;
      b = {std::min(b.left, x), std::min(b.top, y), std::max(b.right, x), std::max(b.bottom, y)};
    }
  }
  return b;
}

Canvas written(const std::string& text, const TextStyle& style) {
  Canvas canvas(200, 200);
  draw_text(canvas, {100, 100}, text, style);
  return canvas;
}

}  // namespace

TEST_CASE("a filled rectangle covers its pixels and blends its edges", "[train]") {
  Canvas canvas(6, 4);
  canvas.fill({1, 1, 3.5, 2}, {0, 0, 0});
  REQUIRE(canvas.at(0, 1) == kWhite);
  REQUIRE(canvas.at(1, 1) == Color{0, 0, 0});
  REQUIRE(canvas.at(2, 1) == Color{0, 0, 0});
  REQUIRE(canvas.at(3, 1) == Color{128, 128, 128});
  REQUIRE(canvas.at(4, 1) == kWhite);
  REQUIRE(canvas.at(1, 2) == kWhite);
}

TEST_CASE("a line through the middle of pixels fills them and leaves the next ones", "[train]") {
  Canvas canvas(10, 5);
  canvas.stroke({{2.5, 2.5}, {7.5, 2.5}}, 1, kBlue);
  for (int x = 3; x <= 6; ++x) {
    REQUIRE(canvas.at(x, 2) == kBlue);
    REQUIRE(canvas.at(x, 1) == kWhite);
    REQUIRE(canvas.at(x, 3) == kWhite);
  }
  REQUIRE(canvas.at(0, 2) == kWhite);
  REQUIRE(canvas.at(9, 2) == kWhite);
}

TEST_CASE("a line between pixels is shared by both rows", "[train]") {
  Canvas canvas(10, 6);
  canvas.stroke({{1, 3}, {9, 3}}, 1, {0, 0, 0});
  REQUIRE(canvas.at(5, 2) == Color{128, 128, 128});
  REQUIRE(canvas.at(5, 3) == Color{128, 128, 128});
}

TEST_CASE("paths of one stroke that cross are drawn once", "[train]") {
  Canvas canvas(11, 11);
  const Path lines[] = {{{0, 5.5}, {11, 5.5}}, {{5.5, 0}, {5.5, 11}}};
  canvas.stroke(lines, 1, {0, 0, 0}, 0.5);
  REQUIRE(canvas.at(5, 5) == canvas.at(2, 5));
}

TEST_CASE("drawing outside of the canvas leaves the rest alone", "[train]") {
  Canvas canvas(4, 4);
  canvas.fill({-10, -10, 1, 1}, kBlue);
  canvas.stroke({{-100, 50}, {100, 50}}, 3, kBlue);
  canvas.disc({1e9, -1e9}, 4, kBlue);
  draw_text(canvas, {50, 2}, "far", {});
  REQUIRE(canvas.at(0, 0) == kBlue);
  REQUIRE(drawn(canvas).right == 0);
  REQUIRE(drawn(canvas).bottom == 0);
}

TEST_CASE("every printable character has a drawing of its own inside of its line", "[train]") {
  const Glyph& missing = glyph(U'\u4e00');
  REQUIRE(missing.strokes.size() == 1);
  for (char32_t c = 33; c < 127; ++c) {
    INFO("character " << int(c));
    const Glyph& g = glyph(c);
    REQUIRE(&g != &missing);
    REQUIRE_FALSE(g.strokes.empty());
    for (const Path& stroke : g.strokes) {
      for (const Point& p : stroke) {
        const bool inside = p.x >= 0 && p.x <= g.advance && p.y >= kDescent && p.y <= 16;
        REQUIRE(inside);
      }
    }
  }
  REQUIRE(glyph(U' ').strokes.empty());
}

TEST_CASE("text stands on its baseline, as high as capitals are", "[train]") {
  for (double size : {10.0, 13.0, 14.0, 18.0, 31.0}) {
    INFO(size);
    const TextStyle style{.size = size};
    const Bounds b = drawn(written("HE", style));
    // Strokes wider than a whole number of pixels spill a little over both edges.
    REQUIRE(b.bottom >= 99);
    REQUIRE(b.bottom <= 100);
    REQUIRE(100 - cap_height(style) - b.top >= 0);
    REQUIRE(100 - cap_height(style) - b.top <= 1);
    REQUIRE(b.left >= 100);
    REQUIRE(b.right <= 100 + text_width("HE", style));
  }
}

TEST_CASE("text is aligned to its point", "[train]") {
  const double width = text_width("mmmm");
  const Bounds right = drawn(written("mmmm", {.align = Align::right}));
  REQUIRE(right.right < 100);
  REQUIRE(right.left >= 100 - width - 1);
  const Bounds center = drawn(written("mmmm", {.align = Align::center}));
  REQUIRE(std::abs((center.left + center.right + 1) / 2.0 - 100) <= 1);
}

TEST_CASE("text turned by 90 degrees reads upwards, pixel for pixel the same", "[train]") {
  const Canvas level = written("fig 7", {});
  const Canvas upright = written("fig 7", {.angle = 90});
  REQUIRE(drawn(level).right > 100);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      const Color turned = upright.at(y, 199 - x);
      REQUIRE(std::abs(int(level.at(x, y).r) - int(turned.r)) <= 1);
    }
  }
}

TEST_CASE("text that is no UTF-8 is drawn with boxes", "[train]") {
  REQUIRE(text_width("\xff\xff") == text_width("\u4e00\u4e00"));
  REQUIRE(text_width("\xe2\x86") == text_width("\u4e00"));  // cut short
  REQUIRE(text_width("\u2192") != text_width("\u4e00"));
}

TEST_CASE("shortened text fits, and is not cut inside of a character", "[train]") {
  const std::string text = "caf\u00e9\u00e9\u00e9 society";
  REQUIRE(shortened(text, 1000) == text);
  for (double width = 20; width < text_width(text); width += 3) {
    const std::string cut = shortened(text, width);
    REQUIRE(text_width(cut) <= width);
    REQUIRE(cut.ends_with(".."));
    const unsigned char next = static_cast<unsigned char>(text[cut.size() - 2]);
    REQUIRE((next & 0xc0) != 0x80);
  }
}
