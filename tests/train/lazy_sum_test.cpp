#include "mien/train/lazy_sum.h"
#include "mien/base/error.h"
#include "tests/support/catch.h"

using namespace mien;

TEST_CASE("a lazy sum is the sum", "[train]") {
  LazySum sum(2);
  sum.add(Tensor::scalar(0.5), 8);
  sum.add(Tensor::full({1, 1}, 0.25, {.dtype = DType::f64}));
  REQUIRE(sum.value() == 6.25);
  sum.add(Tensor::scalar(1));
  REQUIRE(sum.value() == 7.25);
  REQUIRE_THROWS_WITH(sum.add(Tensor::zeros({2})), "LazySum: a scalar is required; got [2]");
}
