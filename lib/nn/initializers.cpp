#include "mien/nn/initializers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

using Kind = Initializer::Kind;
using Mode = Initializer::Mode;
using Distribution = Initializer::Distribution;

// Standard deviation of a unit normal cut at two deviations.
constexpr double kTruncatedDeviation = 0.87962566103423978;

struct Fans {
  double in, out;
};

// As Keras: a kernel [.., in, out], both times the receptive field; a vector [n] has n for both.
Fans fans_of(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {double(shape[0]), double(shape[0])};
  const double field = double(shape.slice(0, -2).numel());
  return {field * double(shape[-2]), field * double(shape[-1])};
}

double variance_of(const Initializer& initializer, const Shape& shape) {
  const Fans fans = fans_of(shape);
  const double n = initializer.mode == Mode::fan_in    ? fans.in
                   : initializer.mode == Mode::fan_out ? fans.out
                                                       : (fans.in + fans.out) / 2;
  return initializer.a / std::max(1.0, n);
}

// Orthonormal rows (of the shorter side) by modified Gram-Schmidt on normal numbers, in double:
// twice, since one pass loses orthogonality to rounding.
Tensor orthogonal_values(const Shape& shape, double gain, Generator& generator,
                         const TensorOptions& options) {
  MIEN_CHECK(shape.rank() >= 2, ShapeError, "orthogonal: two axes or more are required; got ",
             shape);
  const std::int64_t cols = shape[-1], rows = cols > 0 ? shape.numel() / cols : 0;
  const std::int64_t count = std::min(rows, cols), length = std::max(rows, cols);
  const PhiloxKey key = generator.reserve();
  PhiloxStream random(key.seed, key.stream);
  std::vector<double> q(static_cast<std::size_t>(count * length));
  for (double& each : q) each = random.normal();
  const auto row = [&](std::int64_t i) { return q.data() + i * length; };
  for (std::int64_t i = 0; i < count; ++i) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::int64_t j = 0; j < i; ++j) {
        double dot = 0;
        for (std::int64_t k = 0; k < length; ++k) dot += row(i)[k] * row(j)[k];
        for (std::int64_t k = 0; k < length; ++k) row(i)[k] -= dot * row(j)[k];
      }
    }
    double square = 0;
    for (std::int64_t k = 0; k < length; ++k) square += row(i)[k] * row(i)[k];
    for (std::int64_t k = 0; k < length; ++k) row(i)[k] /= std::sqrt(square);
  }
  std::vector<double> out(static_cast<std::size_t>(rows * cols));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < cols; ++c)
      out[std::size_t(r * cols + c)] = gain * (rows <= cols ? row(r)[c] : row(c)[r]);
  return Tensor::from(out, shape, options);
}

Initializer scaling(double scale, Mode mode, Distribution distribution) {
  return {.kind = Kind::variance_scaling, .a = scale, .mode = mode, .distribution = distribution};
}

struct Named {
  const char* name;
  Initializer initializer;
};

// The variance-scaling classes that Keras gives names of their own.
const Named kScalings[] = {{"GlorotUniform", glorot_uniform()}, {"GlorotNormal", glorot_normal()},
                           {"HeUniform", he_uniform()},         {"HeNormal", he_normal()},
                           {"LecunUniform", lecun_uniform()},   {"LecunNormal", lecun_normal()}};

constexpr const char* kModes[] = {"fan_in", "fan_out", "fan_avg"};

Mode mode_from(const std::string& name) {
  for (int i = 0; i < 3; ++i)
    if (name == kModes[i]) return Mode(i);
  throw ValueError("initializer: mode must be fan_in, fan_out or fan_avg; got '" + name + "'");
}

Distribution distribution_from(const std::string& name) {
  if (name == "uniform") return Distribution::uniform;
  MIEN_CHECK(name == "truncated_normal" || name == "normal", ValueError,
             "initializer: distribution must be uniform or truncated_normal; got '", name, "'");
  return Distribution::truncated_normal;
}

}  // namespace

Tensor Initializer::operator()(const Shape& shape, Generator& generator,
                               const TensorOptions& options) const {
  switch (kind) {
    case Kind::zeros:
      return Tensor::zeros(shape, options);
    case Kind::ones:
      return Tensor::ones(shape, options);
    case Kind::constant:
      return Tensor::full(shape, a, options);
    case Kind::random_uniform:
      return mien::random_uniform(shape, a, b, generator, options);
    case Kind::random_normal:
      return mien::random_normal(shape, a, b, generator, false, options);
    case Kind::truncated_normal:
      return mien::random_normal(shape, a, b, generator, true, options);
    case Kind::orthogonal:
      return orthogonal_values(shape, a, generator, options);
    case Kind::variance_scaling:
      break;
  }
  const double variance = variance_of(*this, shape);
  if (distribution == Distribution::truncated_normal)
    return mien::random_normal(shape, 0, std::sqrt(variance) / kTruncatedDeviation, generator, true,
                               options);
  const double limit = std::sqrt(3 * variance);
  return mien::random_uniform(shape, -limit, limit, generator, options);
}

Config Initializer::config() const {
  Config out;
  const auto random = [&](const char* name, const char* first, const char* second) {
    return out.set("class_name", name).set(first, a).set(second, b).set("seed", Config::Value());
  };
  switch (kind) {
    case Kind::zeros:
      return out.set("class_name", "Zeros");
    case Kind::ones:
      return out.set("class_name", "Ones");
    case Kind::constant:
      return out.set("class_name", "Constant").set("value", a);
    case Kind::random_uniform:
      return random("RandomUniform", "minval", "maxval");
    case Kind::random_normal:
      return random("RandomNormal", "mean", "stddev");
    case Kind::truncated_normal:
      return random("TruncatedNormal", "mean", "stddev");
    case Kind::orthogonal:
      return out.set("class_name", "Orthogonal").set("gain", a).set("seed", Config::Value());
    case Kind::variance_scaling:
      break;
  }
  for (const Named& each : kScalings)
    if (each.initializer.a == a && each.initializer.mode == mode &&
        each.initializer.distribution == distribution)
      return out.set("class_name", each.name).set("seed", Config::Value());
  return out.set("class_name", "VarianceScaling")
      .set("scale", a)
      .set("mode", kModes[int(mode)])
      .set("distribution", distribution == Distribution::uniform ? "uniform" : "truncated_normal")
      .set("seed", Config::Value());
}

Initializer Initializer::from(const Config& config) {
  const std::string name = config.get_string("class_name", "");
  for (const Named& each : kScalings)
    if (name == each.name) return each.initializer;
  if (name == "Zeros") return nn::zeros();
  if (name == "Ones") return nn::ones();
  if (name == "Constant") return nn::constant(config.get_double("value", 0));
  if (name == "RandomUniform")
    return nn::random_uniform(config.get_double("minval", -0.05),
                              config.get_double("maxval", 0.05));
  if (name == "RandomNormal")
    return nn::random_normal(config.get_double("mean", 0), config.get_double("stddev", 0.05));
  if (name == "TruncatedNormal")
    return nn::truncated_normal(config.get_double("mean", 0), config.get_double("stddev", 0.05));
  if (name == "Orthogonal" || name == "OrthogonalInitializer")
    return nn::orthogonal(config.get_double("gain", 1));
  MIEN_CHECK(name == "VarianceScaling", ValueError, "unknown initializer '", name, "'");
  return scaling(config.get_double("scale", 1), mode_from(config.get_string("mode", "fan_in")),
                 distribution_from(config.get_string("distribution", "truncated_normal")));
}

Initializer zeros() { return {.kind = Kind::zeros}; }
Initializer ones() { return {.kind = Kind::ones}; }
Initializer constant(double value) { return {.kind = Kind::constant, .a = value}; }
Initializer random_uniform(double low, double high) {
  return {.kind = Kind::random_uniform, .a = low, .b = high};
}
Initializer random_normal(double mean, double stddev) {
  return {.kind = Kind::random_normal, .a = mean, .b = stddev};
}
Initializer truncated_normal(double mean, double stddev) {
  return {.kind = Kind::truncated_normal, .a = mean, .b = stddev};
}
Initializer glorot_uniform() { return scaling(1, Mode::fan_avg, Distribution::uniform); }
Initializer glorot_normal() { return scaling(1, Mode::fan_avg, Distribution::truncated_normal); }
Initializer he_uniform() { return scaling(2, Mode::fan_in, Distribution::uniform); }
Initializer he_normal() { return scaling(2, Mode::fan_in, Distribution::truncated_normal); }
Initializer lecun_uniform() { return scaling(1, Mode::fan_in, Distribution::uniform); }
Initializer lecun_normal() { return scaling(1, Mode::fan_in, Distribution::truncated_normal); }
Initializer orthogonal(double gain) { return {.kind = Kind::orthogonal, .a = gain}; }

}  // namespace mien::nn
