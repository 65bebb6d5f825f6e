#include "mien/ops/dropout.h"

#include <cmath>
#include <limits>

#include "mien/base/error.h"
#include "mien/base/philox.h"
#include "mien/ops/elementwise.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("dropout keeps where the generator's numbers reach the rate, scaled", "[ops]") {
  Generator random(42);
  const PhiloxKey key = Generator(random).reserve();
  const std::vector<double> y = values(dropout(Tensor::ones({1003}), 0.25, random));
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float draw = unit_float(philox_block(key.seed, key.stream, i / 4)[i % 4]);
    REQUIRE(y[i] == (draw >= 0.25f ? double(float(1 / 0.75)) : 0.0));
  }
}

TEST_CASE("dropout drops about its rate and keeps the mean", "[ops]") {
  for (const double rate : {0.1, 0.5, 0.9}) {
    Generator random(7);
    const std::vector<double> y = values(dropout(Tensor::ones({100000}), rate, random));
    double sum = 0, dropped = 0;
    for (const double each : y) {
      sum += each;
      dropped += each == 0;
    }
    CHECK(dropped / 1e5 == Approx(rate).margin(0.006));
    CHECK(sum / 1e5 == Approx(1.0).margin(0.06));
  }
}

TEST_CASE("dropout's backward drops the same elements", "[ops]") {
  Generator random(1);
  const Tensor x = random_tensor({37, 5}, 1).requires_grad();
  const Tensor y = dropout(x, 0.4, random);
  y.backward(Tensor::ones(y.shape(), y.options()));
  const std::vector<double> in = values(x), out = values(y), dx = values(x.grad());
  for (std::size_t i = 0; i < in.size(); ++i) CHECK(out[i] == Approx(dx[i] * in[i]));
  const auto fixed = [](const Tensors& v) {
    Generator same(3);
    return dropout(2 * v[0], 0.4, same);
  };
  CHECK(gradcheck(fixed, {random_tensor({5, 3}, 2)}) == "");
}

TEST_CASE("dropout of rate 0 is the input and draws nothing", "[ops]") {
  Generator random(1), untouched(1);
  const Tensor x = Tensor::ones({3});
  CHECK(dropout(x, 0, random).is(x));
  CHECK(random.reserve().stream == untouched.reserve().stream);
}

TEST_CASE("two dropouts of one generator differ, the same position repeats", "[ops]") {
  Generator random(5), again(5);
  const Tensor x = Tensor::ones({256});
  const std::vector<double> first = values(dropout(x, .5, random));
  CHECK(first != values(dropout(x, .5, random)));
  CHECK(first == values(dropout(x, .5, again)));
}

TEST_CASE("dropout drops NaN and infinity too", "[ops]") {
  Generator random(5);
  const Tensor x = Tensor::full({1000}, std::numeric_limits<double>::quiet_NaN());
  std::size_t zeros = 0;
  for (const double each : values(dropout(x, .5, random))) zeros += each == 0;
  CHECK(zeros > 400);
}

TEST_CASE("dropout gives the same bits for one and two threads", "[ops]") {
  const Tensor x = random_tensor({50000}, 1, -1, 1, DType::f32);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    Generator random(5);
    results.push_back(values(dropout(x, .3, random)));
  }
  set_num_threads(0);
  CHECK(results[0] == results[1]);
}

TEST_CASE("dropout says what it wanted", "[ops]") {
  Generator random;
  const Tensor x = Tensor::ones({3});
  CHECK_THROWS_WITH(dropout(x, 1, random), "dropout: rate must be in [0, 1); got 1");
  CHECK_THROWS_WITH(dropout(x, -.5, random), "dropout: rate must be in [0, 1); got -0.5");
  CHECK_THROWS_AS(dropout(x, std::nan(""), random), ValueError);
  CHECK(dropout(Tensor::zeros({0}), .5, random).numel() == 0);
}

}  // namespace
}  // namespace mien
