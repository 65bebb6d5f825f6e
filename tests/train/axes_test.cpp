#include "lib/train/axes.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace mien::figure;

namespace {

std::string labels(const std::vector<Tick>& ticks) {
  std::string out;
  for (const Tick& tick : ticks) out += (out.empty() ? "" : " ") + tick.label;
  return out;
}

}  // namespace

TEST_CASE("ticks stand at round numbers with just the digits they need", "[train]") {
  const struct {
    double low, high;
    const char* expected;
  } cases[] = {
      {0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
      {-0.02, 1.02, "0 0.25 0.50 0.75 1.00"},
      {0.13, 1.84, "0.5 1.0 1.5"},
      {1.7886, 1.8361, "1.79 1.80 1.81 1.82 1.83"},
      {-1, 1, "-1.0 -0.5 0 0.5 1.0"},
      {950, 3100, "1000 1500 2000 2500 3000"},
      {0, 5e7, "0 1e+07 2e+07 3e+07 4e+07 5e+07"},
      {0, 1e-7, "0 2e-08 4e-08 6e-08 8e-08 1e-07"},
      {1.0000001e9, 1.0000005e9,
       "1.0000001e+09 1.0000002e+09 1.0000003e+09 1.0000004e+09 "
       "1.0000005e+09"},
  };
  for (const auto& c : cases) {
    INFO(c.low << " to " << c.high);
    REQUIRE(labels(ticks_for({c.low, c.high}, 5)) == c.expected);
  }
}

TEST_CASE("ticks of any scale are inside of it, different, and few", "[train]") {
  for (double size : {1e-290, 1e-12, 3e-5, 0.7, 1.0, 42.0, 9.9e8, 1e299}) {
    for (double low : {-1.0, -0.3, 0.0, 0.123}) {
      for (double span : {0.01, 0.37, 2.0}) {
        const Scale scale{low * size, (low + span) * size};
        INFO(scale.low << " to " << scale.high);
        const std::vector<Tick> ticks = ticks_for(scale, 6);
        REQUIRE(ticks.size() >= 2);
        REQUIRE(ticks.size() <= 7);
        for (std::size_t i = 0; i < ticks.size(); ++i) {
          REQUIRE(scale.position(ticks[i].value) >= -1e-6);
          REQUIRE(scale.position(ticks[i].value) <= 1 + 1e-6);
          if (i > 0) REQUIRE(ticks[i].label != ticks[i - 1].label);
        }
      }
    }
  }
}

TEST_CASE("logarithmic ticks are powers of ten, thinned where there are many", "[train]") {
  REQUIRE(labels(ticks_for({5e-5, 200, true}, 8)) == "0.0001 0.001 0.01 0.1 1 10 100");
  REQUIRE(labels(ticks_for({1e-12, 1e12, true}, 5)) == "1e-12 1e-7 1e-2 1e3 1e8");
  REQUIRE(labels(ticks_for({2, 9, true}, 5)) == "2 4 6 8");
}

TEST_CASE("epoch ticks are whole numbers from 1", "[train]") {
  REQUIRE(labels(epoch_ticks(1, 10)) == "1");
  REQUIRE(labels(epoch_ticks(5, 10)) == "1 2 3 4 5");
  REQUIRE(labels(epoch_ticks(12, 5)) == "1 5 10");
  REQUIRE(labels(epoch_ticks(48, 10)) == "1 5 10 15 20 25 30 35 40 45");
  REQUIRE(labels(epoch_ticks(300, 10)) == "1 50 100 150 200 250 300");
}

TEST_CASE("a scale holds its values with room on both sides, constants too", "[train]") {
  const std::vector<std::vector<double>> series = {
      {3, 1, 2}, {0.142857, 0.142857}, {0, 0}, {-5}, {1e299, -1e299}, {0.3, 0.30000000000000004}};
  for (const auto& values : series) {
    const Scale scale = scale_for(values, false);
    for (double value : values) {
      INFO(value);
      REQUIRE(scale.position(value) > 0.01);
      REQUIRE(scale.position(value) < 0.99);
    }
  }
  const Scale logarithmic = scale_for({1e-4, 100}, true);
  REQUIRE(logarithmic.position(0.1) == Approx(0.5));
  REQUIRE(logarithmic.position(1e-4) > 0.01);
}

TEST_CASE("numbers are written with a point and as many digits as they are worth", "[train]") {
  REQUIRE(readable(0.66697) == "0.6670");
  REQUIRE(readable(0) == "0.0000");
  REQUIRE(readable(1.2345e-5) == "1.234e-05");
  REQUIRE(readable(1e12) == "1.000e+12");
  REQUIRE(fixed(96.004, 1) == "96.0");
}
