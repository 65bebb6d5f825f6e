#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/base/error.h"
#include "mien/data/augment.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

constexpr int kDraws = 2000;

/// Smallest and largest of a member over many draws.
std::array<double, 2> seen(const AugmentOptions& options, double AugmentPlan::*member) {
  std::array<double, 2> range{1e9, -1e9};
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    PhiloxStream random(3, i);
    const double value = draw_augmentation(options, 40, 20, random).*member;
    range = {std::min(range[0], value), std::max(range[1], value)};
  }
  return range;
}

/// Within [low, high], and reaching 1% of its width to both ends.
void require_uniform(const std::array<double, 2>& range, double low, double high) {
  const double near = 0.01 * (high - low);
  REQUIRE(range[0] >= low);
  REQUIRE(range[0] <= low + near);
  REQUIRE(range[1] <= high);
  REQUIRE(range[1] >= high - near);
}

TEST_CASE("nothing is changed by default", "[data]") {
  PhiloxStream random(1, 1);
  const AugmentPlan plan = draw_augmentation({}, 4, 5, random);
  std::vector<float> in(20), out(20);
  for (std::size_t i = 0; i < 20; ++i) in[i] = float(i) + 0.25f;
  apply_augmentation(plan, std::span<const float>(in), out);
  REQUIRE(out == in);
}

TEST_CASE("every range is drawn from end to end", "[data]") {
  const AugmentOptions options{.rotation_range = 30,
                               .width_shift_range = 0.1,
                               .height_shift_range = 3,
                               .shear_range = 10,
                               .zoom_range = {0.8, 1.1},
                               .channel_shift_range = 25,
                               .brightness_range = {0.5, 2}};
  require_uniform(seen(options, &AugmentPlan::rotation), -30, 30);
  require_uniform(seen(options, &AugmentPlan::shift_x), -2, 2);  // a tenth of 20 columns
  require_uniform(seen(options, &AugmentPlan::shift_y), -3, 3);  // pixels
  require_uniform(seen(options, &AugmentPlan::shear), -10, 10);
  require_uniform(seen(options, &AugmentPlan::zoom_x), 0.8, 1.1);
  require_uniform(seen(options, &AugmentPlan::zoom_y), 0.8, 1.1);
  require_uniform(seen(options, &AugmentPlan::channel_shift), -25, 25);
  require_uniform(seen(options, &AugmentPlan::brightness), 0.5, 2);
}

TEST_CASE("Keras's bug turns the shifts' directions round", "[data]") {
  AugmentOptions options{.width_shift_range = 0.1};
  REQUIRE(seen(options, &AugmentPlan::shift_y) == std::array<double, 2>{0, 0});
  options.keras_bug_compat = true;
  REQUIRE(seen(options, &AugmentPlan::shift_x) == std::array<double, 2>{0, 0});
  require_uniform(seen(options, &AugmentPlan::shift_y), -2, 2);
}

TEST_CASE("an option does not change what the others draw", "[data]") {
  const AugmentOptions few{.zoom_range = {0.5, 1.5}, .horizontal_flip = true};
  AugmentOptions more = few;
  more.rotation_range = 40;
  more.vertical_flip = true;
  more.brightness_range = {0.2, 3};
  for (std::uint64_t i = 0; i < 20; ++i) {
    PhiloxStream a(3, i), b(3, i);
    const AugmentPlan first = draw_augmentation(few, 9, 9, a);
    const AugmentPlan second = draw_augmentation(more, 9, 9, b);
    REQUIRE(first.zoom_x == second.zoom_x);
    REQUIRE(first.zoom_y == second.zoom_y);
    REQUIRE(first.flip_horizontal == second.flip_horizontal);
  }
}

TEST_CASE("half of the images are flipped", "[data]") {
  const AugmentOptions options{.horizontal_flip = true};
  int flipped = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    PhiloxStream random(3, i);
    const AugmentPlan plan = draw_augmentation(options, 9, 9, random);
    flipped += plan.flip_horizontal;
    REQUIRE_FALSE(plan.flip_vertical);
  }
  REQUIRE(std::abs(flipped - kDraws / 2) < 100);  // 4.5 standard deviations
}

TEST_CASE("a crop reaches every place of the padded image", "[data]") {
  const AugmentOptions options{.crop = {.height = 8, .width = 10, .padding = 2}};
  std::array<int, 7> rows{};
  std::array<int, 3> columns{};
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    PhiloxStream random(3, i);
    const AugmentPlan plan = draw_augmentation(options, 10, 8, random);
    REQUIRE(plan.out_height == 8);
    REQUIRE(plan.out_width == 10);
    ++rows.at(std::size_t(plan.crop_top + 2));
    ++columns.at(std::size_t(plan.crop_left + 2));
  }
  REQUIRE(*std::min_element(rows.begin(), rows.end()) > kDraws / 7 / 2);
  REQUIRE(*std::min_element(columns.begin(), columns.end()) > kDraws / 3 / 2);
}

TEST_CASE("erased rectangles lie inside and have the area and aspect asked for", "[data]") {
  const AugmentOptions options{
      .erasing = {.probability = 0.5, .area = {0.1, 0.2}, .aspect = {0.5, 2}}};
  int erased = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    PhiloxStream random(3, i);
    const AugmentPlan plan = draw_augmentation(options, 100, 100, random);
    if (plan.erase_height == 0) continue;
    ++erased;
    REQUIRE(plan.erase_top + plan.erase_height <= 100);
    REQUIRE(plan.erase_left + plan.erase_width <= 100);
    const double area = plan.erase_height * plan.erase_width;
    const double aspect = double(plan.erase_height) / plan.erase_width;
    REQUIRE(area == Approx(1500).margin(550));
    REQUIRE((aspect > 0.48 && aspect < 2.08));
  }
  REQUIRE(std::abs(erased - kDraws / 2) < 100);
}

TEST_CASE("options out of their range are refused", "[data]") {
  PhiloxStream random(1, 1);
  const auto draw = [&](const AugmentOptions& options) {
    return draw_augmentation(options, 8, 8, random);
  };
  REQUIRE_THROWS_WITH(draw({.rotation_range = -1}),
                      "augment: rotation_range must be in 0..360; got -1");
  REQUIRE_THROWS_WITH(draw({.shear_range = std::nan("")}),
                      "augment: shear_range must be in 0..89; got nan");
  REQUIRE_THROWS_WITH(draw({.zoom_range = {1.2, 0.8}}),
                      "augment: zoom_range must be {low, high} in 0.001..1000; got {1.2, 0.8}");
  REQUIRE_THROWS_WITH(draw({.crop = {.height = 9, .width = 8}}),
                      "augment: a crop of 9 x 8 does not fit an image of 8 x 8 with padding 0");
  REQUIRE_THROWS_AS(draw({.brightness_range = {-1, 1}}), ValueError);
  REQUIRE_THROWS_AS(draw({.erasing = {.probability = 2}}), ValueError);
  REQUIRE_THROWS_AS(draw_augmentation({}, 0, 8, random), ShapeError);
}

}  // namespace
}  // namespace mien
