#include "mien/nn/initializers.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Moments {
  double mean, variance, largest;
};

Moments moments(const Tensor& x) {
  Moments m{0, 0, 0};
  const std::vector<double> v = values(x);
  for (const double each : v) m.mean += each / double(v.size());
  for (const double each : v) {
    m.variance += (each - m.mean) * (each - m.mean) / double(v.size());
    m.largest = std::max(m.largest, std::abs(each));
  }
  return m;
}

TEST_CASE("variance-scaling initializers have Keras's limits and variances", "[nn]") {
  // [3, 3, 32, 64]: fan_in 288, fan_out 576. Uniform: largest value just below the limit; normal:
  // the variance.
  struct Case {
    nn::Initializer initializer;
    double limit, variance;
  };
  const Case cases[] = {{nn::glorot_uniform(), std::sqrt(6.0 / 864), 2.0 / 864},
                        {nn::he_uniform(), std::sqrt(6.0 / 288), 2.0 / 288},
                        {nn::lecun_uniform(), std::sqrt(3.0 / 288), 1.0 / 288},
                        {nn::glorot_normal(), 2 * std::sqrt(2.0 / 864) / .87962566, 2.0 / 864},
                        {nn::he_normal(), 2 * std::sqrt(2.0 / 288) / .87962566, 2.0 / 288},
                        {nn::lecun_normal(), 2 * std::sqrt(1.0 / 288) / .87962566, 1.0 / 288}};
  Generator generator(1);
  for (const Case& each : cases) {
    const Moments m = moments(each.initializer({3, 3, 32, 64}, generator));
    CHECK(m.largest <= each.limit);
    CHECK(m.largest > 0.99 * each.limit);
    CHECK(m.variance == Approx(each.variance).epsilon(0.03));
    CHECK(std::abs(m.mean) < 4 * std::sqrt(each.variance / 18432));
  }
  REQUIRE(std::sqrt(6.0 / (288 + 576)) ==
          Approx(.083333).epsilon(1e-4));  // Keras's own number for this shape
}

TEST_CASE("orthogonal gives orthonormal rows or columns, times gain", "[nn]") {
  Generator generator(3);
  const auto check = [&](const Shape& shape) {
    const std::vector<double> q =
        values(nn::orthogonal(2.0)(shape, generator, {.dtype = DType::f64}));
    const std::int64_t cols = shape[-1], rows = shape.numel() / cols, count = std::min(rows, cols);
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t j = 0; j < count; ++j) {
        double dot = 0;
        for (std::int64_t k = 0; k < std::max(rows, cols); ++k)
          dot += rows <= cols ? q[std::size_t(i * cols + k)] * q[std::size_t(j * cols + k)]
                              : q[std::size_t(k * cols + i)] * q[std::size_t(k * cols + j)];
        REQUIRE(dot == Approx(i == j ? 4.0 : 0.0).margin(1e-12));
      }
    }
  };
  check({8, 8});
  check({3, 2, 5});
  check({4, 9});
  REQUIRE_THROWS_WITH(nn::orthogonal()({5}, generator),
                      "orthogonal: two axes or more are required; got [5]");
}

TEST_CASE("plain initializers give what they say, the same for the same seed", "[nn]") {
  Generator a(5), b(5);
  REQUIRE(values(nn::constant(0.5)({2}, a)) == std::vector<double>{0.5, 0.5});
  REQUIRE(values(nn::ones()({2}, a)) == std::vector<double>{1, 1});
  REQUIRE(values(nn::zeros()({2}, a)) == std::vector<double>{0, 0});
  REQUIRE(values(nn::random_normal()({100}, a)) == values(nn::random_normal()({100}, b)));
  REQUIRE(values(nn::random_normal()({100}, a)) != values(nn::random_uniform()({100}, b)));
  REQUIRE(moments(nn::random_uniform(2, 3)({1000}, a)).mean == Approx(2.5).epsilon(0.02));
  REQUIRE(moments(nn::truncated_normal(0, 1)({10000}, a)).largest <= 2.0);
}

TEST_CASE("an initializer comes back from its config", "[nn]") {
  for (const nn::Initializer& each :
       {nn::zeros(), nn::ones(), nn::constant(3), nn::random_uniform(-1, 2),
        nn::random_normal(1, 2), nn::truncated_normal(0, 3), nn::glorot_uniform(),
        nn::glorot_normal(), nn::he_uniform(), nn::he_normal(), nn::lecun_uniform(),
        nn::lecun_normal(), nn::orthogonal(2)}) {
    const nn::Initializer again = nn::Initializer::from(each.config());
    CHECK(again.kind == each.kind);
    CHECK(again.a == each.a);
    CHECK(again.b == each.b);
    CHECK(again.mode == each.mode);
    CHECK(again.distribution == each.distribution);
  }
  REQUIRE(nn::glorot_uniform().config().get_string("class_name", "") == "GlorotUniform");
  REQUIRE_THROWS_WITH(nn::Initializer::from(nn::Config().set("class_name", "Foo")),
                      "unknown initializer 'Foo'");
}

TEST_CASE("uniform numbers are those of one stream, on however many threads they are drawn",
          "[nn]") {
  Generator generator;
  generator.set_seed(3);
  const std::vector<double> got = values(random_uniform({3, 7001}, -1, 2, generator));
  PhiloxStream stream(3, 0);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double wanted = double(float(stream.uniform(-1, 2)));
    if (got[i] == wanted) continue;
    INFO("element " << i);
    REQUIRE(got[i] == wanted);
  }
  REQUIRE(got.size() == 21003);
}

}  // namespace
}  // namespace mien
