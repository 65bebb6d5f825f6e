#include "mien/tensor.h"

#include <limits>
#include <vector>

#include "mien/autograd.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("tensors are made from values, filled, and read back in any dtype", "[core]") {
  REQUIRE(values(Tensor::from({1, 2, 3}, {3}, {.dtype = DType::f64})) ==
          std::vector<double>{1, 2, 3});
  REQUIRE(values(Tensor::full({2}, 7, {.dtype = DType::u8})) == std::vector<double>{7, 7});
  REQUIRE(values(Tensor::zeros({2, 0})).empty());
  REQUIRE(Tensor::scalar(4).item() == 4);
  REQUIRE_THROWS_WITH(Tensor::from({1, 2, 3}, {2, 2}), "tensor: [2, 2] needs 4 values; got 3");
}

TEST_CASE("casts truncate, saturate and round as said", "[core]") {
  const Tensor x = Tensor::from({-1.5, 0.75, 300.0, 2.5}, {4});
  REQUIRE(values(x.to(DType::i32)) == std::vector<double>{-1, 0, 300, 2});
  REQUIRE(values(x.to(DType::u8)) == std::vector<double>{0, 0, 255, 2});
  // 1 + 2^-8 lies between two bf16 neighbours, at the tie: to even, that is down; 1 + 3 * 2^-8 goes
  // up.
  const Tensor ties = Tensor::from({1.00390625, 1.01171875, -0.0}, {3}).to(DType::bf16);
  REQUIRE(values(ties) == std::vector<double>{1.0, 1.015625, 0.0});
  const Tensor nan = Tensor::full({1}, std::numeric_limits<double>::quiet_NaN());
  REQUIRE(values(nan.to(DType::i32)) == std::vector<double>{0});
  REQUIRE(values(nan.to(DType::bf16))[0] != values(nan.to(DType::bf16))[0]);
}

TEST_CASE("the gradient passes through a cast", "[core]") {
  const Tensor x = Tensor::from({2}, {1}, {.dtype = DType::f64}).requires_grad();
  x.to(DType::f32).backward();
  REQUIRE(x.grad().dtype() == DType::f64);
  REQUIRE(x.grad().item() == 1);
}

TEST_CASE("data() insists on the dtype", "[core]") {
  Tensor x = Tensor::zeros({2});
  x.data<float>()[1] = 5;
  REQUIRE(values(x) == std::vector<double>{0, 5});
  REQUIRE_THROWS_WITH(x.data<double>(), "data: the tensor holds f32; asked for f64");
}

TEST_CASE("a clone has its own bytes, a view does not", "[core]") {
  Tensor x = Tensor::zeros({2, 3});
  const Tensor copy = x.clone(), view = x.view({-1});
  x.copy_from(Tensor::ones({2, 3}));
  REQUIRE(values(copy)[0] == 0);
  REQUIRE(values(view)[0] == 1);
  REQUIRE(view.shape() == Shape{6});
}

TEST_CASE("shape errors name both shapes", "[core]") {
  Tensor x = Tensor::zeros({2, 3});
  REQUIRE_THROWS_WITH(x.view({4}), "view: [2, 3] does not fit [4]");
  REQUIRE_THROWS_WITH(x.view({-1, 4}), "view: [2, 3] does not fit [1, 4]");
  REQUIRE_THROWS_WITH(x.slice(1, 3), "slice: rows 1 to 3 are not in [2, 3]");
  REQUIRE_THROWS_WITH(x.copy_from(Tensor::zeros({3})), "copy_from: the tensor is [2, 3]; got [3]");
  REQUIRE_THROWS_WITH(Tensor().shape(), "tensor: used before anything was assigned to it");
  REQUIRE_THROWS_WITH(broadcast("add", {2, 3}, {4}), "add: shapes [2, 3] and [4] do not broadcast");
  REQUIRE(broadcast("add", {2, 1, 3}, {4, 1}) == Shape{2, 4, 3});
}

TEST_CASE("a shape whose elements cannot be counted is refused", "[core]") {
  const std::int64_t big = std::int64_t(1) << 32;
  REQUIRE_THROWS_WITH(Tensor::zeros({big, big}),
                      "shape: [4294967296, 4294967296] has too many elements");
  REQUIRE_THROWS_WITH(Tensor::empty({big, big / 2}, {.dtype = DType::u8}),
                      "shape: [4294967296, 2147483648] has too many elements");
  REQUIRE(Shape({0, big, big}).numel() == 0);
}

TEST_CASE("an undefined tensor is refused everywhere", "[core]") {
  const auto refused = [](auto call) {
    REQUIRE_THROWS_WITH(call(Tensor()), "tensor: used before anything was assigned to it");
  };
  refused([](const Tensor& x) { return x.grad(); });
  refused([](const Tensor& x) { return x.needs_grad(); });
  refused([](Tensor x) { x.requires_grad(); });
  refused([](const Tensor& x) { x.zero_grad(); });
  refused([](const Tensor& x) { x.backward(); });
  refused([](const Tensor& x) { return x.clone(); });
  refused([](const Tensor& x) { return x.view({1}); });
  refused([](const Tensor& x) { return x.slice(0, 0); });
  refused([](const Tensor& x) { return x.to(DType::f64); });
  refused([](const Tensor& x) { return x.item(); });
  refused([](const Tensor& x) { Tensor::zeros({1}).copy_from(x); });
  refused([](const Tensor& x) { return grad(Tensor::zeros({}), {x}); });
  refused([](const Tensor& x) { return x.detach(); });
}

TEST_CASE("bytes come back to the next tensor of their size", "[core]") {
  { const Tensor warm = Tensor::empty({1000}); }
  const std::size_t before = memory_stats().system_calls;
  for (int i = 0; i < 10; ++i) const Tensor again = Tensor::empty({1000});
  REQUIRE(memory_stats().system_calls == before);
}

TEST_CASE("a device that is not there is refused", "[core]") {
  REQUIRE_THROWS_WITH(Tensor::zeros({1}, {.device = Device{DeviceType::cuda, 200}}),
                      Contains("device cuda:200: "));
}

}  // namespace
}  // namespace mien
