#include "mien/nn/random_layers.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

constexpr const char* kFlips[] = {"horizontal", "vertical", "horizontal_and_vertical"};
constexpr const char* kFills[] = {"nearest", "constant", "reflect", "wrap"};

void check_images(const Layer& layer, const Tensor& x) {
  MIEN_CHECK(x.rank() == 4, ShapeError, layer.kind(), ": input must be [N, H, W, C]; got ",
             x.shape());
  MIEN_CHECK(x.device() == kCpu, DeviceError, layer.kind(), " '", layer.name(),
             "': trains on the CPU alone; got ", x.device());
}

void check_factor(const char* kind, double lowest, FactorRange range) {
  MIEN_CHECK(range.lower >= lowest && range.upper <= 1, ValueError, kind,
             ": factors must be between ", lowest, " and 1; got ", range.lower, " and ",
             range.upper);
}

std::vector<double> draws(std::int64_t n, FactorRange range, Pass& pass) {
  const Tensor drawn = random_uniform({n}, range.lower, range.upper, pass.generator(),
                                      {.dtype = DType::f64, .device = kCpu});
  return {drawn.data<double>(), drawn.data<double>() + n};
}

// A number for each image, to be spread over it.
Tensor per_image(const std::vector<double>& values, const Tensor& x) {
  return Tensor::from(values, {std::int64_t(values.size()), 1, 1, 1}, x.options());
}

Tensor warped(const Tensor& x, const std::vector<Affine>& maps, const RandomWarpOptions& options) {
  return warp_images(x, maps,
                     {.interpolation = options.interpolation,
                      .fill = options.fill_mode,
                      .fill_value = options.fill_value});
}

Config::Value range_value(FactorRange range) { return Config::Doubles{range.lower, range.upper}; }

Config with_warp(Config config, const RandomWarpOptions& options) {
  config.set("fill_mode", kFills[int(options.fill_mode)])
      .set("interpolation",
           options.interpolation == Interpolation::nearest ? "nearest" : "bilinear")
      .set("seed", Config::Value())
      .set("fill_value", options.fill_value);
  return config;
}

Config with_values(Config config, const RandomValueOptions& options) {
  config.set("value_range", Config::Doubles{options.value_range[0], options.value_range[1]})
      .set("seed", Config::Value());
  return config;
}

}  // namespace

FactorRange::FactorRange(double factor) : lower(-std::abs(factor)), upper(std::abs(factor)) {}
FactorRange::FactorRange(double one, double other)
    : lower(std::min(one, other)), upper(std::max(one, other)) {}

RandomFlip::RandomFlip(FlipMode mode, LayerOptions options) : mode_(mode) {
  set_name(options.name);
}
Tensor RandomFlip::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  check_images(*this, x);
  const Tensor flips = less_equal(per_image(draws(x.shape()[0], {0, 1}, pass), x), 0.5);
  Axes axes;
  if (mode_ != FlipMode::horizontal) axes.push_back(1);
  if (mode_ != FlipMode::vertical) axes.push_back(2);
  return where(flips, flip(x, axes), x);
}
Config RandomFlip::config() const {
  return Config().set("mode", kFlips[int(mode_)]).set("seed", Config::Value());
}

RandomRotation::RandomRotation(FactorRange factor, RandomWarpOptions options)
    : factor_(factor), options_(std::move(options)) {
  check_factor("RandomRotation", -1, factor);
  set_name(options_.name);
}
Tensor RandomRotation::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  check_images(*this, x);
  const double cx = 0.5 * double(x.shape()[2] - 1), cy = 0.5 * double(x.shape()[1] - 1);
  std::vector<Affine> maps;
  for (const double turn : draws(x.shape()[0], factor_, pass)) {
    const double c = std::cos(2 * std::numbers::pi * turn),
                 s = std::sin(2 * std::numbers::pi * turn);
    maps.push_back({c, -s, cx - cx * c + cy * s, s, c, cy - cx * s - cy * c});
  }
  return warped(x, maps, options_);
}
Config RandomRotation::config() const {
  return with_warp(Config().set("factor", range_value(factor_)), options_);
}

RandomTranslation::RandomTranslation(FactorRange height_factor, FactorRange width_factor,
                                     RandomWarpOptions options)
    : height_(height_factor), width_(width_factor), options_(std::move(options)) {
  check_factor("RandomTranslation", -1, height_factor);
  check_factor("RandomTranslation", -1, width_factor);
  set_name(options_.name);
}
Tensor RandomTranslation::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  check_images(*this, x);
  const std::vector<double> down = draws(x.shape()[0], height_, pass),
                            right = draws(x.shape()[0], width_, pass);
  std::vector<Affine> maps;
  for (std::size_t i = 0; i < down.size(); ++i)
    maps.push_back({1, 0, -right[i] * double(x.shape()[2]), 0, 1, -down[i] * double(x.shape()[1])});
  return warped(x, maps, options_);
}
Config RandomTranslation::config() const {
  return with_warp(
      Config().set("height_factor", range_value(height_)).set("width_factor", range_value(width_)),
      options_);
}

RandomZoom::RandomZoom(FactorRange height_factor, std::optional<FactorRange> width_factor,
                       RandomWarpOptions options)
    : height_(height_factor), width_(width_factor), options_(std::move(options)) {
  check_factor("RandomZoom", -1, height_factor);
  if (width_factor) check_factor("RandomZoom", -1, *width_factor);
  set_name(options_.name);
}
Tensor RandomZoom::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  check_images(*this, x);
  const std::vector<double> down = draws(x.shape()[0], height_, pass);
  const std::vector<double> right = width_ ? draws(x.shape()[0], *width_, pass) : down;
  const double cx = 0.5 * double(x.shape()[2] - 1), cy = 0.5 * double(x.shape()[1] - 1);
  std::vector<Affine> maps;
  for (std::size_t i = 0; i < down.size(); ++i)
    maps.push_back({1 + right[i], 0, -cx * right[i], 0, 1 + down[i], -cy * down[i]});
  return warped(x, maps, options_);
}
Config RandomZoom::config() const {
  Config config;
  config.set("height_factor", range_value(height_))
      .set("width_factor", width_ ? range_value(*width_) : Config::Value());
  return with_warp(std::move(config), options_);
}

RandomBrightness::RandomBrightness(FactorRange factor, RandomValueOptions options)
    : factor_(factor), options_(std::move(options)) {
  check_factor("RandomBrightness", -1, factor);
  set_name(options_.name);
}
Tensor RandomBrightness::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  check_images(*this, x);
  const auto [low, high] = std::minmax(options_.value_range[0], options_.value_range[1]);
  std::vector<double> deltas = draws(x.shape()[0], factor_, pass);
  for (double& delta : deltas) delta *= high - low;
  return clip(x + per_image(deltas, x), low, high);
}
Config RandomBrightness::config() const {
  return with_values(Config().set("factor", range_value(factor_)), options_);
}

RandomContrast::RandomContrast(double factor, RandomValueOptions options)
    : RandomContrast(factor, factor, std::move(options)) {}
RandomContrast::RandomContrast(double lower, double upper, RandomValueOptions options)
    : lower_(lower), upper_(upper), options_(std::move(options)) {
  check_factor("RandomContrast", 0, {lower, upper});
  set_name(options_.name);
}
Tensor RandomContrast::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training || x.numel() == 0) return x;
  check_images(*this, x);
  const Tensor factor = per_image(draws(x.shape()[0], {1 - lower_, 1 + upper_}, pass), x);
  const Tensor middle = mean(x, {1, 2}, {.keepdims = true});
  return clip((x - middle) * factor + middle, options_.value_range[0], options_.value_range[1]);
}
Config RandomContrast::config() const {
  return with_values(Config().set("factor", Config::Doubles{lower_, upper_}), options_);
}

RandomCrop::RandomCrop(int height, int width, LayerOptions options)
    : size_{height, width}, resizing_(height, width, {.crop_to_aspect_ratio = true}) {
  set_name(options.name);
}
Shape RandomCrop::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  return resizing_.build(in);
}
Tensor RandomCrop::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return resizing_(x, pass);
  check_images(*this, x);
  const double above = double(x.shape()[1] - size_[0]), beside = double(x.shape()[2] - size_[1]);
  if (above <= 0 || beside <= 0) return resizing_(x, pass);
  const auto top = std::int64_t(draws(1, {0, above + 1}, pass)[0]);
  const auto left = std::int64_t(draws(1, {0, beside + 1}, pass)[0]);
  return slice(slice(x, 1, {.begin = top, .end = top + size_[0]}), 2,
               {.begin = left, .end = left + size_[1]});
}
Config RandomCrop::config() const {
  return Config().set("height", size_[0]).set("width", size_[1]).set("seed", Config::Value());
}

}  // namespace mien::nn
