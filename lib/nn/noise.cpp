#include "mien/nn/noise.h"

#include <cmath>
#include <utility>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"

namespace mien::nn {
namespace {

void check_rate(const char* kind, double rate) {
  MIEN_CHECK(rate >= 0 && rate < 1, ValueError, kind, ": rate must be at least 0 and below 1; got ",
             rate);
}

Config rate_config(double rate) { return Config().set("rate", rate).set("seed", Config::Value()); }

// Normal values are drawn on the host: a captured step would add the same ones again and again.
Tensor noise_like(const Layer& layer, const Tensor& x, double mean, double stddev, Pass& pass) {
  MIEN_CHECK(x.device() == kCpu, DeviceError, layer.kind(), " '", layer.name(),
             "': trains on the CPU alone; got ", x.device());
  return random_normal(x.shape(), mean, stddev, pass.generator(), false, x.options());
}

// x with whole channels dropped.
Tensor channels_dropped(const Tensor& x, double rate, Pass& pass) {
  if (!pass.training || rate == 0) return x;
  Shape noise = x.shape();
  for (int axis = 1; axis + 1 < noise.rank(); ++axis) noise[axis] = 1;
  return x * dropout(Tensor::ones(noise, x.options()), rate, pass.generator());
}

}  // namespace

GaussianNoise::GaussianNoise(double stddev, LayerOptions options) : stddev_(stddev) {
  MIEN_CHECK(stddev >= 0, ValueError, "GaussianNoise: stddev must not be negative; got ", stddev);
  set_name(options.name);
}
Tensor GaussianNoise::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training || stddev_ == 0) return x;
  return x + noise_like(*this, x, 0, stddev_, pass);
}
Config GaussianNoise::config() const {
  return Config().set("stddev", stddev_).set("seed", Config::Value());
}

GaussianDropout::GaussianDropout(double rate, LayerOptions options) : rate_(rate) {
  check_rate("GaussianDropout", rate);
  set_name(options.name);
}
Tensor GaussianDropout::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training || rate_ == 0) return x;
  return x * noise_like(*this, x, 1, std::sqrt(rate_ / (1 - rate_)), pass);
}
Config GaussianDropout::config() const { return rate_config(rate_); }

AlphaDropout::AlphaDropout(double rate, LayerOptions options) : rate_(rate) {
  check_rate("AlphaDropout", rate);
  set_name(options.name);
}
Tensor AlphaDropout::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training || rate_ == 0) return x;
  const double lowest = -1.6732632423543772 * 1.0507009873554805;
  const double scale = 1 / std::sqrt((1 - rate_) * (1 + rate_ * lowest * lowest));
  const double shift = -scale * lowest * rate_;
  // 0, or 1 / (1 - rate).
  const Tensor kept = dropout(Tensor::ones(x.shape(), x.options()), rate_, pass.generator());
  return where(greater(kept, 0), x, lowest) * scale + shift;
}
Config AlphaDropout::config() const { return rate_config(rate_); }

SpatialDropout1D::SpatialDropout1D(double rate, LayerOptions options) : rate_(rate) {
  check_rate("SpatialDropout1D", rate);
  set_name(options.name);
}
Shape SpatialDropout1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  return in;
}
Tensor SpatialDropout1D::forward(const Tensor& x, Pass& pass) const {
  return channels_dropped(x, rate_, pass);
}
Config SpatialDropout1D::config() const { return rate_config(rate_); }

SpatialDropout2D::SpatialDropout2D(double rate, LayerOptions options) : rate_(rate) {
  check_rate("SpatialDropout2D", rate);
  set_name(options.name);
}
Shape SpatialDropout2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  return in;
}
Tensor SpatialDropout2D::forward(const Tensor& x, Pass& pass) const {
  return channels_dropped(x, rate_, pass);
}
Config SpatialDropout2D::config() const {
  return rate_config(rate_).set("data_format", "channels_last");
}

ActivityRegularization::ActivityRegularization(ActivityRegularizationOptions options)
    : options_(std::move(options)) {
  set_name(options_.name);
}
Tensor ActivityRegularization::forward(const Tensor& x, Pass& pass) const {
  MIEN_CHECK(!pass.training || (options_.l1 == 0 && options_.l2 == 0), ValueError,
             "ActivityRegularization '", name(), "': training with a penalty is not supported");
  return x;
}
Config ActivityRegularization::config() const {
  return Config().set("l1", options_.l1).set("l2", options_.l2);
}

}  // namespace mien::nn
