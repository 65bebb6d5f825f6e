#include "mien/data/augment.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using Floats = std::vector<float>;

/// Where images are shown as they are.
AugmentPlan plain(int height, int width) {
  AugmentPlan plan;
  plan.height = plan.out_height = height;
  plan.width = plan.out_width = width;
  return plan;
}

Floats applied(const AugmentPlan& plan, const Floats& image) {
  const std::size_t channels = image.size() / std::size_t(plan.height * plan.width);
  Floats out(std::size_t(plan.out_height * plan.out_width) * channels, -1);
  apply_augmentation(plan, std::span<const float>(image), out);
  return out;
}

Floats ramp(int count) {
  Floats image(static_cast<std::size_t>(count));
  std::iota(image.begin(), image.end(), 0.0f);
  return image;
}

void require_near(const Floats& got, const Floats& want, double tolerance = 1e-3) {
  REQUIRE(got.size() >= want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    INFO("value " << i);
    REQUIRE(got[i] == Approx(want[i]).margin(tolerance));
  }
}

/// Plan, image and expected result number i of the golden arrays (24 plans of 12 x 9 x 3).
struct Golden {
  std::vector<double> params = values(golden("augment_params"));
  Floats image;

  Golden() {
    for (const double v : values(golden("augment_image"))) image.push_back(float(v));
  }
  AugmentPlan plan(std::size_t i) const {
    const double* p = params.data() + 12 * i;
    AugmentPlan plan = plain(12, 9);
    plan.rotation = p[0];
    plan.shift_x = p[1];
    plan.shift_y = p[2];
    plan.shear = p[3];
    plan.zoom_x = p[4];
    plan.zoom_y = p[5];
    plan.flip_horizontal = p[6] != 0;
    plan.flip_vertical = p[7] != 0;
    plan.channel_shift = p[8];
    plan.brightness = p[9] != 0 ? p[9] : 1;
    plan.fill_mode = FillMode(int(p[10]));
    plan.cval = p[11];
    return plan;
  }
  static Floats expected(const Tensor& all, std::size_t i) {
    const std::vector<double> v = values(all.slice(std::int64_t(i), std::int64_t(i) + 1));
    return Floats(v.begin(), v.end());
  }
};

TEST_CASE("a ramp moves as under Keras", "[data]") {
  AugmentPlan plan = plain(5, 5);
  SECTION("tx") {
    plan.shift_x = 1;
    require_near(applied(plan, ramp(25)), {1, 2, 3, 4, 4});
  }
  SECTION("ty") {
    plan.shift_y = 1;
    require_near(applied(plan, ramp(25)), {5, 6, 7, 8, 9});
  }
  SECTION("zoom") {
    plan.zoom_x = plan.zoom_y = 0.5;
    require_near(applied(plan, ramp(25)), {6, 6.5, 7, 7.5, 8});
  }
  SECTION("rotation") {
    plan.rotation = 90;
    require_near(applied(plan, ramp(25)), {4, 9, 14, 19, 24});
  }
  SECTION("shear") {
    plan.shear = 20;
    const Floats out = applied(plan, ramp(25));
    require_near(out, {1.287f, 2.287f, 3.287f, 4.287f, 4.603f}, 1e-3);
    require_near(Floats(out.begin() + 10, out.begin() + 15), {10, 11, 12, 13, 14});
  }
}

TEST_CASE("plans give Keras's pixels in its compatible mode", "[data]") {
  const Golden golden_plans;
  const Tensor keras = golden("augment_keras");
  for (std::size_t i = 0; i < 24; ++i) {
    INFO("plan " << i);
    AugmentPlan plan = golden_plans.plan(i);
    // Keras's wrap is another one (see FillMode); brightness cuts off to whole numbers, so there a
    // last digit may become 1.
    if (plan.fill_mode == FillMode::wrap) continue;
    plan.keras_bug_compat = true;
    const Floats want = Golden::expected(keras, i), got = applied(plan, golden_plans.image);
    const double tolerance = plan.brightness != 1 ? 1.01 : 2e-3;
    std::size_t near = 0;
    for (std::size_t k = 0; k < want.size(); ++k) near += std::abs(got[k] - want[k]) <= tolerance;
    REQUIRE(near == want.size());
  }
}

TEST_CASE("plans move pixels about the true centre of an image that is not square", "[data]") {
  const Golden golden_plans;
  const Tensor exact = golden("augment_exact");
  for (std::size_t i = 0; i < 24; ++i) {
    INFO("plan " << i);
    AugmentPlan plan = golden_plans.plan(i);
    plan.flip_horizontal = plan.flip_vertical = false;
    plan.channel_shift = 0;
    plan.brightness = 1;
    require_near(applied(plan, golden_plans.image), Golden::expected(exact, i), 2e-3);
  }
}

TEST_CASE("a flip reverses rows or columns exactly", "[data]") {
  AugmentPlan plan = plain(2, 3);
  plan.flip_horizontal = true;
  REQUIRE(applied(plan, ramp(6)) == Floats{2, 1, 0, 5, 4, 3});
  plan.flip_vertical = true;
  REQUIRE(applied(plan, ramp(6)) == Floats{5, 4, 3, 2, 1, 0});
}

TEST_CASE("bytes and floats give the same", "[data]") {
  AugmentPlan plan = plain(3, 4);
  const std::vector<std::uint8_t> bytes{0, 9, 200, 255, 4, 5, 6, 7, 90, 80, 70, 60};
  for (const double rotation : {0.0, 25.0}) {
    plan.rotation = rotation;
    Floats out(12);
    apply_augmentation(plan, std::span<const std::uint8_t>(bytes), out);
    REQUIRE(out == applied(plan, Floats(bytes.begin(), bytes.end())));
  }
}

TEST_CASE("every fill mode continues a line as documented", "[data]") {
  AugmentPlan plan = plain(1, 4);
  plan.crop_left = -4;  // four pixels before, the line, four behind
  plan.out_width = 12;
  plan.cval = 9;
  const std::vector<std::pair<FillMode, Floats>> cases{
      {FillMode::nearest, {0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3}},
      {FillMode::constant, {9, 9, 9, 9, 0, 1, 2, 3, 9, 9, 9, 9}},
      {FillMode::reflect, {3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0}},
      {FillMode::wrap, {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}}};
  for (const auto& [mode, want] : cases) {
    plan.fill_mode = mode;
    REQUIRE(applied(plan, ramp(4)) == want);
  }
}

TEST_CASE("a channel shift stays within the image's own range", "[data]") {
  AugmentPlan plan = plain(1, 4);
  plan.channel_shift = 1.5;
  REQUIRE(applied(plan, ramp(4)) == Floats{1.5, 2.5, 3, 3});
}

TEST_CASE("brightness makes whole numbers in 0..255", "[data]") {
  AugmentPlan plan = plain(1, 4);
  plan.brightness = 1.5;
  REQUIRE(applied(plan, {3, 10.9f, 180, 255}) == Floats{4, 15, 255, 255});
}

TEST_CASE("erasing overwrites its rectangle in every channel", "[data]") {
  AugmentPlan plan = plain(3, 3);
  plan.erase_top = 1;
  plan.erase_height = 2;
  plan.erase_width = 1;
  plan.erase_value = 7;
  REQUIRE(applied(plan, Floats(18, 1)) ==
          Floats{1, 1, 1, 1, 1, 1, 7, 7, 1, 1, 1, 1, 7, 7, 1, 1, 1, 1});
}

TEST_CASE("a plan refuses buffers that do not fit", "[data]") {
  const Floats in(12);
  Floats out(11);
  REQUIRE_THROWS_WITH(apply_augmentation(plain(3, 4), std::span<const float>(in), out),
                      "augment: a plan from 3 x 4 to 3 x 4 pixels does not fit buffers of 12 and "
                      "11 values");
  AugmentPlan plan = plain(3, 4);
  plan.erase_top = 3;
  plan.erase_height = plan.erase_width = 1;
  out.resize(12);
  REQUIRE_THROWS_AS(apply_augmentation(plan, std::span<const float>(in), out), ShapeError);
}

}  // namespace
}  // namespace mien
