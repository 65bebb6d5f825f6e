#include "mien/data/array_dataset.h"

#include <array>
#include <cstring>

#include "mien/base/error.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

TEST_CASE("an array dataset gives the rows of its arrays", "[data]") {
  const ArrayDataset data({.inputs = Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2}),
                           .targets = Tensor::from({2, 0, 1}, {3}, {.dtype = DType::u8}),
                           .weights = Tensor::from({0.5, 1, 2}, {3}, {.dtype = DType::f64}),
                           .classes = 3});
  REQUIRE(data.size() == 3);
  REQUIRE(data.fields().inputs == std::vector<Field>{{"input", DType::f32, {2}}});
  REQUIRE(data.fields().targets == std::vector<Field>{{"target", DType::i32, {}, 3}});
  REQUIRE(data.fields().weighted);

  std::array<float, 2> x{};
  std::int32_t y = 0;
  float weight = 0;
  const std::array<std::span<std::byte>, 3> into{std::as_writable_bytes(std::span(x)),
                                                 std::as_writable_bytes(std::span(&y, 1)),
                                                 std::as_writable_bytes(std::span(&weight, 1))};
  data.read(2, into);
  REQUIRE(x == std::array<float, 2>{5, 6});
  REQUIRE(y == 1);
  REQUIRE(weight == 2);
}

TEST_CASE("an array dataset refuses arrays that do not fit", "[data]") {
  const Tensor x = Tensor::zeros({3, 2});
  REQUIRE_THROWS_WITH(
      ArrayDataset(x, Tensor::zeros({4, 1})),
      "array dataset: target [4, 1] does not have 3 samples like the arrays before");
  REQUIRE_THROWS_AS(ArrayDataset(ArrayDatasetOptions{}), ShapeError);
  REQUIRE_THROWS_AS(ArrayDataset(Tensor::scalar(1), x), ShapeError);
  REQUIRE_THROWS_WITH(ArrayDataset({.inputs = x,
                                    .targets = Tensor::from({0, 2, 3}, {3}, {.dtype = DType::i32}),
                                    .classes = 3}),
                      "array dataset: target 2 is class 3; there are 3");
  REQUIRE_THROWS_WITH(ArrayDataset({.inputs = x, .targets = Tensor::zeros({3}), .classes = 3}),
                      "array dataset: class numbers must be [N] of i32 or u8; got f32 [3]");
}

}  // namespace
}  // namespace mien
