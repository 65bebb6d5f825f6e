#include <algorithm>
#include <cmath>

#include "lib/train/figures.h"
#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace mien;
using namespace mien::figure;

namespace {

int count_pixels(const Canvas& canvas, const Rect& box, bool (*wanted)(Color)) {
  int count = 0;
  for (int y = std::max(0, int(box.top)); y < std::min(canvas.height(), int(box.bottom)); ++y) {
    for (int x = std::max(0, int(box.left)); x < std::min(canvas.width(), int(box.right)); ++x) {
      count += wanted(canvas.at(x, y));
    }
  }
  return count;
}

bool dark(Color c) { return c.r < 60 && c.g < 60 && c.b < 60; }
bool white(Color c) { return c == kWhite; }
bool red(Color c) { return c.r > 180 && c.g < 60 && c.b < 60; }

const std::vector<std::string> kTwo = {"cat", "dog"};

Color corner(const GridFigure& figure, std::size_t cell) {
  return figure.canvas.at(int(figure.cells[cell].left) + 2, int(figure.cells[cell].top) + 2);
}

}  // namespace

TEST_CASE("cells of a confusion matrix are coloured by their share of the row", "[train]") {
  const std::vector<std::int64_t> counts = {30, 10, 0, 2000};
  const GridFigure figure = draw_confusion_matrix(counts, kTwo, {});
  REQUIRE(figure.cells.size() == 4);
  REQUIRE(corner(figure, 0) == share_color(0.75));
  REQUIRE(corner(figure, 1) == share_color(0.25));
  REQUIRE(corner(figure, 2) == share_color(0));
  REQUIRE(corner(figure, 3) == share_color(1));
  // Counts are written dark on light and white on dark; a cell without samples is empty.
  REQUIRE(count_pixels(figure.canvas, figure.cells[1], dark) > 40);
  REQUIRE(count_pixels(figure.canvas, figure.cells[0], white) > 40);
  REQUIRE(count_pixels(figure.canvas, figure.cells[2], dark) == 0);
}

TEST_CASE("the colour of a share darkens steadily", "[train]") {
  const auto brightness = [](double share) {
    const Color c = share_color(share);
    return int(c.r) + c.g + c.b;
  };
  for (int i = 0; i < 20; ++i) REQUIRE(brightness(i / 20.0) > brightness((i + 1) / 20.0));
}

TEST_CASE("a confusion matrix names its classes on both sides, and its axes", "[train]") {
  const std::vector<std::int64_t> counts = {3, 1, 0, 2};
  const GridFigure figure = draw_confusion_matrix(counts, kTwo, {});
  for (std::size_t i = 0; i < 2; ++i) {
    const Rect& row = figure.cells[i * 2];
    const Rect& column = figure.cells[2 + i];
    const Rect left{row.left - 36, row.top, row.left - 4, row.bottom};
    const Rect below{column.left, column.bottom + 4, column.right, column.bottom + 24};
    REQUIRE(count_pixels(figure.canvas, left, dark) > 20);
    REQUIRE(count_pixels(figure.canvas, below, dark) > 20);
  }
  // "true" upright at the left, "predicted" below all.
  REQUIRE(count_pixels(figure.canvas, {15, 0, 38, double(figure.canvas.height())}, dark) > 20);
  const double bottom = figure.canvas.height();
  REQUIRE(count_pixels(figure.canvas, {0, bottom - 38, 400, bottom - 14}, dark) > 60);
}

TEST_CASE("confusion matrices of 1 to 200 classes, long names and large counts fit", "[train]") {
  for (std::size_t classes : {1u, 2u, 7u, 20u, 24u, 25u, 60u, 200u}) {
    INFO(classes);
    std::vector<std::string> names(classes, "a very long name of a class that goes on and on");
    std::vector<std::int64_t> counts(classes * classes, 1234567890123);
    const GridFigure figure = draw_confusion_matrix(counts, names, {.title = "Title"});
    const double width = figure.canvas.width(), height = figure.canvas.height();
    REQUIRE(width < 2000);
    REQUIRE(height < 2000);
    for (const Rect& edge : {Rect{0, 0, width, 8}, Rect{0, height - 8, width, height},
                             Rect{0, 0, 8, height}, Rect{width - 8, 0, width, height}}) {
      REQUIRE(count_pixels(figure.canvas, edge, white) == int(edge.width() * edge.height()));
    }
    // A count that would not fit is left out, not written over its neighbours.
    if (classes > 24) REQUIRE(count_pixels(figure.canvas, figure.cells[classes], dark) == 0);
  }
}

TEST_CASE("a confusion matrix of no samples is drawn, one of the wrong size refused", "[train]") {
  const std::vector<std::int64_t> none(4), negative = {1, 2, -3, 4}, three(3);
  REQUIRE(corner(draw_confusion_matrix(none, kTwo, {}), 3) == share_color(0));
  REQUIRE_THROWS_WITH(draw_confusion_matrix(three, kTwo, {}),
                      "plot_confusion_matrix: 2 classes need 4 counts; got 3");
  REQUIRE_THROWS_WITH(draw_confusion_matrix(negative, kTwo, {}),
                      "plot_confusion_matrix: a count is negative: -3");
  REQUIRE_THROWS_WITH(draw_confusion_matrix({}, {}, {}),
                      "plot_confusion_matrix: there is no class");
}

TEST_CASE("samples are enlarged in their cells, gray as well as RGB and RGBA", "[train]") {
  Image rgb = make_image(2, 2, 3), rgba = make_image(8, 4, 4, 200);
  rgb.pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9};
  const std::vector<Sample> samples = {{make_image(48, 48, 1, 77), "gray"}, {rgb, "rgb"}, {rgba}};
  const GridFigure figure = draw_samples(samples, {.columns = 2, .tile = 96});
  REQUIRE(figure.cells.size() == 3);
  REQUIRE(figure.cells[0].width() == 96);
  REQUIRE(corner(figure, 0) == Color{77, 77, 77});
  // 48 times larger: each pixel stays a square of one colour.
  const Rect& square = figure.cells[1];
  REQUIRE(corner(figure, 1) == Color{255, 0, 0});
  REQUIRE(figure.canvas.at(int(square.left) + 47, int(square.top)) == Color{255, 0, 0});
  REQUIRE(figure.canvas.at(int(square.left) + 48, int(square.top)) == Color{0, 255, 0});
  REQUIRE(figure.canvas.at(int(square.left) + 95, int(square.top) + 95) == Color{9, 9, 9});
  // The next row, its aspect kept, in the middle of its tile.
  REQUIRE(figure.cells[2].top > figure.cells[0].bottom);
  REQUIRE(figure.cells[2].width() == 48);
  REQUIRE(figure.cells[2].left == figure.cells[0].left + 24);
  REQUIRE(corner(figure, 2) == Color{200, 200, 200});
}

TEST_CASE("wrong samples have a red frame and caption, right ones dark", "[train]") {
  const Image image = make_image(48, 48, 1, 128);
  const std::vector<Sample> samples = {{image, "happy 0.93"}, {image, "happy -> sad 0.62", true}};
  const GridFigure figure = draw_samples(samples, {.columns = 2});
  const auto caption = [&](std::size_t i) {
    const Rect& cell = figure.cells[i];
    return Rect{cell.left, cell.bottom + 5, cell.right, cell.bottom + 26};
  };
  const auto frame = [&](std::size_t i) {
    const Rect& cell = figure.cells[i];
    return Rect{cell.left, cell.top - 3, cell.right, cell.top};
  };
  REQUIRE(count_pixels(figure.canvas, caption(0), dark) > 40);
  REQUIRE(count_pixels(figure.canvas, caption(0), red) == 0);
  REQUIRE(count_pixels(figure.canvas, frame(0), red) == 0);
  REQUIRE(count_pixels(figure.canvas, caption(1), dark) == 0);
  REQUIRE(count_pixels(figure.canvas, caption(1), red) > 40);
  REQUIRE(count_pixels(figure.canvas, frame(1), red) > 300);
}

TEST_CASE("long captions take two lines and stay in their column", "[train]") {
  const Image image = make_image(48, 48, 1, 255);
  const std::string longest = "a_name_of_a_class_without_any_space -> another_one_of_them 0.62";
  const std::vector<Sample> samples = {{image, longest, true}, {image, longest, true}};
  const GridFigure figure = draw_samples(samples, {.columns = 2});
  const Rect &first = figure.cells[0], &second = figure.cells[1];
  const double middle = (first.right + second.left) / 2;
  const Rect between{middle - 1, first.bottom + 5, middle + 1, double(figure.canvas.height())};
  REQUIRE(count_pixels(figure.canvas, between, white) ==
          int(between.width()) * int(between.height()));
  const Rect line{first.left, first.bottom + 26, first.right, first.bottom + 40};
  REQUIRE(count_pixels(figure.canvas, line, red) > 40);
}

TEST_CASE("samples that cannot be drawn are refused", "[train]") {
  const std::vector<Sample> one = {{make_image(4, 4, 1), ""}};
  std::vector<Sample> bad = {one[0], one[0]};
  bad[1].image.pixels.pop_back();
  REQUIRE_THROWS_WITH(draw_samples({}, {}), "plot_samples: there is no sample");
  REQUIRE_THROWS_WITH(draw_samples(bad, {}), "plot_samples: image 1 needs 16 bytes; has 15");
  bad[1].image = Image{};
  REQUIRE_THROWS_WITH(draw_samples(bad, {}), "plot_samples: image 1 is empty");
  REQUIRE_THROWS_WITH(draw_samples(one, {.tile = 8}),
                      "plot_samples: tile must be in 48..1024; got 8");
  REQUIRE_THROWS_AS(draw_samples(one, {.columns = -1}), ValueError);
}

TEST_CASE("matrix and samples are written, or the file is named", "[train]") {
  const test::TempDir dir;
  const std::string missing = dir / "missing/picture.png";
  const std::vector<std::int64_t> counts = {3, 1, 0, 2};
  const std::vector<Sample> samples = {{make_image(4, 4, 1, 50), "x"}};
  plot_confusion_matrix(counts, kTwo, dir / "matrix.png");
  plot_samples(samples, dir / "samples.png");
  REQUIRE(read_image(dir / "matrix.png").pixels ==
          draw_confusion_matrix(counts, kTwo, {}).canvas.pixels());
  REQUIRE(read_image(dir / "samples.png").pixels == draw_samples(samples, {}).canvas.pixels());
  REQUIRE_THROWS_AS(plot_confusion_matrix(counts, kTwo, missing), IoError);
  REQUIRE_THROWS_WITH(plot_samples(samples, missing), Contains(missing));
}
