#include "mien/data/standardize.h"

#include <vector>

#include "tests/support/catch.h"

namespace mien {
namespace {

std::vector<float> standardized(const StandardizeOptions& options) {
  std::vector<float> image{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, deviation 2
  standardize(options, image);
  return image;
}

TEST_CASE("rescale comes first, then the mean goes, then the deviation", "[data]") {
  REQUIRE(standardized({}) == std::vector<float>{2, 4, 4, 4, 5, 5, 7, 9});
  REQUIRE(standardized({.rescale = 0.5})[7] == 4.5f);
  REQUIRE(standardized({.samplewise_center = true}) ==
          std::vector<float>{-3, -1, -1, -1, 0, 0, 2, 4});
  REQUIRE(standardized({.samplewise_std_normalization = true})[7] == Approx(4.5));
  const auto all =
      standardized({.rescale = 2, .samplewise_center = true, .samplewise_std_normalization = true});
  REQUIRE(all[0] == Approx(-1.5));
  REQUIRE(all[7] == Approx(2));
}

TEST_CASE("an image of one value becomes zero", "[data]") {
  std::vector<float> image(5, 3.0f);
  standardize({.samplewise_center = true, .samplewise_std_normalization = true}, image);
  REQUIRE(image == std::vector<float>(5, 0.0f));
}

}  // namespace
}  // namespace mien
