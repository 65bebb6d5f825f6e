#include "mien/ops/upsample.h"

#include <string>
#include <vector>

#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr auto kBoth = {Interpolation::nearest, Interpolation::bilinear};

TEST_CASE("upsample2d repeats pixels, or blends them between their centres", "[ops]") {
  const Tensor x = Tensor::from({1, 2}, {1, 1, 2, 1});
  REQUIRE(values(upsample2d(x)) == std::vector<double>{1, 1, 2, 2, 1, 1, 2, 2});
  REQUIRE(values(upsample2d(x, {.size = {1, 2}, .interpolation = Interpolation::bilinear})) ==
          std::vector<double>{1, 1.25, 1.75, 2});
  for (const Interpolation each : kBoth)
    REQUIRE(values(upsample2d(x, {.size = {1, 1}, .interpolation = each})) == values(x));
}

TEST_CASE("upsample2d's gradients match differences", "[ops]") {
  for (const Shape& shape :
       {Shape{2, 3, 2, 2}, Shape{1, 1, 1, 1}, Shape{1, 1, 4, 3}, Shape{0, 2, 2, 1}}) {
    for (const Interpolation each : kBoth) {
      INFO(shape.str());
      const Upsample2dOptions options{.size = {2, 3}, .interpolation = each};
      REQUIRE(gradcheck([&](const Tensors& in) { return upsample2d(in[0], options); },
                        {random_tensor(shape, 1)}) == "");
    }
  }
}

TEST_CASE("upsample2d gives PyTorch's values", "[ops]") {
  for (const Interpolation each : kBoth) {
    const std::string prefix = each == Interpolation::nearest ? "conv/nearest_" : "conv/bilinear_";
    Tensor x = golden(prefix + "x");
    x.requires_grad();
    const Tensor y = upsample2d(x, {.size = {2, 3}, .interpolation = each});
    REQUIRE(relative_error(y, golden(prefix + "y")) < 1e-6);
    y.backward(golden(prefix + "dy"));
    REQUIRE(relative_error(x.grad(), golden(prefix + "dx")) < 1e-6);
  }
}

TEST_CASE("upsample2d gives the same bits for any number of threads", "[ops]") {
  const KeepSettings keep;
  const auto results = [] {
    Tensor x = random_tensor({3, 5, 4, 3}, 2, -1, 1, DType::f32).requires_grad();
    const Tensor y = upsample2d(x, {.size = {3, 2}, .interpolation = Interpolation::bilinear});
    y.backward(random_tensor(y.shape(), 3, -1, 1, DType::f32));
    std::vector<double> out = values(y);
    for (const double each : values(x.grad())) out.push_back(each);
    return out;
  };
  set_num_threads(1);
  const std::vector<double> want = results();
  for (const int threads : {2, 3, 7}) {
    set_num_threads(threads);
    REQUIRE(results() == want);
  }
}

TEST_CASE("upsample2d says what it wants", "[ops]") {
  REQUIRE_THROWS_WITH(upsample2d(Tensor::zeros({4, 4})),
                      "upsample2d: input must be [N, H, W, C]; got [4, 4]");
  REQUIRE_THROWS_WITH(upsample2d(Tensor::zeros({1, 4, 4, 1}), {.size = {0, 2}}),
                      "upsample2d: factors must be at least 1; got 0");
}

}  // namespace
}  // namespace mien
