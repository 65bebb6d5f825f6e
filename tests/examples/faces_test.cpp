#include "examples/fer/faces.h"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "examples/fer/canvas.h"
#include "mien/base/error.h"
#include "mien/data/image_folder.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace fer {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

TEST_CASE("a shape covers its area, with smooth edges", "[examples]") {
  Canvas canvas(60);
  canvas.background(0, {});
  canvas.ellipse({0.1, -0.2}, {0.5, 0.3}, 1);
  const std::vector<double> pixels = canvas.pixels();
  REQUIRE(mean(pixels) == Approx(M_PI * 0.5 * 0.3 / 4).epsilon(0.01));
  REQUIRE(pixels[24 * 60 + 33] == 1);
  REQUIRE(pixels[0] == 0);
  std::size_t between = 0;
  for (const double shade : pixels) between += shade > 0 && shade < 1;
  REQUIRE(between > 40);
}

TEST_CASE("a placed shape is turned, scaled and moved", "[examples]") {
  Canvas canvas(40);
  canvas.background(0, {});
  canvas.place({.angle = M_PI / 2, .scale = 0.5, .shift = {0.25, 0}});
  canvas.ellipse({0.8, 0}, {0.2, 0.1}, 1);  // to the right: comes to lie below the middle
  const std::vector<double> pixels = canvas.pixels();
  REQUIRE(mean(pixels) == Approx(M_PI * 0.1 * 0.05 / 4).epsilon(0.05));
  REQUIRE(pixels[28 * 40 + 25] == 1);
}

TEST_CASE("a stroke has its width, a gap between curves its height", "[examples]") {
  Canvas canvas(80);
  canvas.background(0, {});
  canvas.stroke({{-0.5, 0}, {0, 0}, {0.5, 0}}, 0.1, 1);
  const double stroke = mean(canvas.pixels()) * 4;
  REQUIRE(stroke == Approx(0.1 + M_PI * 0.05 * 0.05).epsilon(0.03));  // round ends
  canvas.background(0, {});
  canvas.between({{-0.5, 0}, {0, -0.4}, {0.5, 0}}, {{-0.5, 0}, {0, 0.4}, {0.5, 0}}, 1, 0.5);
  // Two parabolas of height 0.2 over a base of 1, half covering.
  REQUIRE(mean(canvas.pixels()) * 4 == Approx(0.5 * 2 * 2.0 / 3 * 0.2).epsilon(0.03));
}

TEST_CASE("a face follows from seed, expression and number", "[examples]") {
  std::set<std::string> different;
  for (std::size_t expression = 0; expression < 7; ++expression) {
    for (std::int64_t number = 0; number < 3; ++number) {
      const mien::Image face = draw_face(expression, 5, number);
      REQUIRE(face.height == 48);
      REQUIRE(face.channels == 1);
      REQUIRE(face.pixels == draw_face(expression, 5, number).pixels);
      different.insert(std::string(face.pixels.begin(), face.pixels.end()));
    }
  }
  REQUIRE(different.size() == 21);
  REQUIRE(draw_face(0, 6, 0).pixels != draw_face(0, 5, 0).pixels);
  REQUIRE(draw_face(0, 5, 0, 64).width == 64);
  REQUIRE_THROWS_AS(draw_face(7, 1, 0), mien::ValueError);
  REQUIRE_THROWS_AS(draw_face(0, 1, 0, 8), mien::ValueError);
}

TEST_CASE("written faces are read back as the folders of seven classes", "[examples]") {
  const mien::test::TempDir dir;
  write_faces(dir.path(), {.train_per_class = 2, .validation_per_class = 1, .seed = 3});
  const mien::ImageFolderOptions options{.color_mode = mien::ColorMode::grayscale};
  const mien::ImageFolder train(dir / "train", options), validation(dir / "validation", options);
  REQUIRE(train.class_counts() == std::vector<std::int64_t>(7, 2));
  REQUIRE(validation.class_counts() == std::vector<std::int64_t>(7, 1));
  REQUIRE(std::equal(kExpressions.begin(), kExpressions.end(), train.class_names().begin()));
  REQUIRE(mien::read_image(dir / "train/happy/0001.png").pixels == draw_face(3, 3, 1).pixels);
  REQUIRE(mien::read_image(dir / "validation/sad/0000.png").pixels == draw_face(5, 3, 2).pixels);
  REQUIRE_THROWS_AS(write_faces(dir.path(), {.train_per_class = 0}), mien::ValueError);
}

TEST_CASE("faces that cannot be written are an error", "[examples]") {
  REQUIRE_THROWS_AS(write_faces("/dev/null/faces", {.train_per_class = 1}), mien::IoError);
}

}  // namespace
}  // namespace fer
