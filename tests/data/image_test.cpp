#include "mien/data/image.h"

#include <cstdlib>

#include "mien/base/error.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// 5 x 7 gray values without a pattern: (37 i^2 + 11 i) mod 251.
Image sample_gray() {
  Image image = make_image(5, 7, 1);
  for (std::size_t i = 0; i < 35; ++i) image.pixels[i] = std::uint8_t((37 * i * i + 11 * i) % 251);
  return image;
}

const Image kRgb{
    2, 3, 3, {7, 60, 219, 228, 87, 52, 123, 44, 71, 204, 187, 20, 215, 4, 155, 156, 7, 220}};

TEST_CASE("to_grayscale has PIL's values", "[data]") {
  REQUIRE(to_grayscale(kRgb).pixels == Bytes{62, 125, 71, 173, 84, 76});
  REQUIRE(to_grayscale(kRgb).channels == 1);
}

TEST_CASE("alpha is dropped, gray is repeated", "[data]") {
  const Image rgba{1, 2, 4, {7, 60, 219, 0, 228, 87, 52, 128}};
  const Image gray_alpha{1, 2, 2, {9, 0, 200, 255}};
  REQUIRE(to_grayscale(rgba).pixels == Bytes{62, 125});
  REQUIRE(to_rgb(rgba).pixels == Bytes{7, 60, 219, 228, 87, 52});
  REQUIRE(to_grayscale(gray_alpha).pixels == Bytes{9, 200});
  REQUIRE(to_rgb(gray_alpha).pixels == Bytes{9, 9, 9, 200, 200, 200});
}

TEST_CASE("resize has PIL's values", "[data]") {
  const auto nearest = Interpolation::nearest, bilinear = Interpolation::bilinear;
  const Image gray = sample_gray();
  REQUIRE(resize(gray, 4, 3, nearest).pixels ==
          Bytes{48, 115, 227, 197, 45, 189, 78, 241, 198, 61, 5, 245});
  REQUIRE(resize(gray, 2, 11, nearest).pixels == Bytes{133, 133, 197, 84,  84,  45, 80,  80,
                                                       189, 121, 121, 233, 233, 78, 248, 248,
                                                       241, 57,  57,  198, 162, 162});
  REQUIRE(resize(gray, 2, 3, bilinear).pixels == Bytes{123, 108, 146, 160, 136, 160});
  REQUIRE(resize(gray, 6, 10, bilinear).pixels ==
          Bytes{0,   26,  79,  164, 134, 122, 139, 204, 189, 143, 100, 133, 147, 109, 78,
                73,  99,  173, 166, 127, 130, 170, 177, 105, 80,  85,  112, 93,  125, 173,
                171, 161, 157, 167, 157, 135, 104, 94,  135, 191, 225, 142, 118, 240, 205,
                141, 72,  174, 196, 178, 200, 124, 108, 238, 90,  34,  96,  206, 236, 225});
  REQUIRE(resize(kRgb, 1, 2, bilinear).pixels == Bytes{149, 94, 114, 170, 33, 130});
}

TEST_CASE("resize to the same size changes nothing, and sizes must be positive", "[data]") {
  REQUIRE(resize(kRgb, 2, 3, Interpolation::bilinear).pixels == kRgb.pixels);
  REQUIRE_THROWS_WITH(resize(kRgb, 0, 3), "resize: height and width must be positive; got 0 x 3");
  REQUIRE_THROWS_AS(resize(Image{}, 2, 2), ValueError);
}

TEST_CASE("nearest takes the pixels 1, 3, 5 of 7", "[data]") {
  const Image row{1, 7, 1, {0, 1, 2, 3, 4, 5, 6}};
  REQUIRE(resize(row, 1, 3).pixels == Bytes{1, 3, 5});
}

}  // namespace
}  // namespace mien
