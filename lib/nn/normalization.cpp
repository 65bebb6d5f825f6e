#include "mien/nn/normalization.h"

#include <limits>

#include "lib/nn/layer_config.h"
#include "lib/nn/sample_axes.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/layer_norm.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

void check_epsilon(const char* kind, double epsilon) {
  MIEN_CHECK(epsilon > 0, ValueError, kind, ": epsilon must be above 0; got ", epsilon);
}

void check_sizes(const Module& layer, const Tensor& weight, const Shape& sizes, const Shape& in) {
  MIEN_CHECK(weight.shape() == sizes, ShapeError, layer.kind(), ": was built for axes of ",
             weight.shape(), "; got a sample of ", in);
}

// What the config of an affine layer ends in.
template <class Options>
Config& add_affine(Config& config, const Options& options) {
  return config.set("center", options.center)
      .set("scale", options.scale)
      .set("beta_initializer", initializer_value(options.beta_initializer))
      .set("gamma_initializer", initializer_value(options.gamma_initializer))
      .set("beta_regularizer", regularizer_value(options.beta_regularizer))
      .set("gamma_regularizer", regularizer_value(options.gamma_regularizer));
}

}  // namespace

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : options_(std::move(options)) {
  check_epsilon("BatchNormalization", options_.epsilon);
  MIEN_CHECK(options_.momentum >= 0 && options_.momentum <= 1, ValueError,
             "BatchNormalization: momentum must be between 0 and 1; got ", options_.momentum);
  set_name(options_.name);
}

Shape BatchNormalization::build(const Shape& in) {
  axis_ = sample_axes(*this, options_.axis, in)[0];
  channels_last_ = axis_ == in.rank();
  const Shape channels{in[axis_ - 1]};
  if (moving_mean_.defined()) {
    MIEN_CHECK(moving_mean_.shape() == channels, ShapeError, "BatchNormalization: was built for ",
               moving_mean_.numel(), " channels; got samples of ", in);
    return in;
  }
  if (options_.scale)
    gamma_ = param("gamma", channels, options_.gamma_initializer, options_.gamma_regularizer);
  if (options_.center)
    beta_ = param("beta", channels, options_.beta_initializer, options_.beta_regularizer);
  moving_mean_ = buffer("moving_mean", channels, 0.0);
  moving_variance_ = buffer("moving_variance", channels, 1.0);
  return in;
}

Tensor BatchNormalization::forward(const Tensor& x, Pass& pass, BatchNormOptions after) const {
  check_built(*this, moving_mean_);
  after.epsilon = options_.epsilon;
  if (!pass.training || frozen()) {
    after.mean = moving_mean_;
    after.variance = moving_variance_;
  } else {
    after.moving_mean = moving_mean_;
    after.moving_variance = moving_variance_;
    after.momentum = options_.momentum;
  }
  if (channels_last_) return batch_norm(x, gamma_, beta_, after).y;
  return with_axis_back(batch_norm(with_axis_last(x, axis_), gamma_, beta_, after).y, axis_);
}

Config BatchNormalization::config() const {
  Config config;
  config.set("axis", options_.axis)
      .set("momentum", options_.momentum)
      .set("epsilon", options_.epsilon);
  return add_affine(config, options_);
}

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : options_(std::move(options)) {
  check_epsilon("LayerNormalization", options_.epsilon);
  if (options_.rms_scaling) {  // as Keras: gamma always, beta never
    options_.scale = true;
    options_.center = false;
  }
  set_name(options_.name);
}

Shape LayerNormalization::build(const Shape& in) {
  axes_ = sample_axes(*this, options_.axis, in);
  const Shape sizes = sizes_of(axes_, in);
  const Tensor& made = options_.scale ? gamma_ : beta_;
  if (made.defined()) check_sizes(*this, made, sizes, in);
  if (options_.scale && !gamma_.defined())
    gamma_ = param("gamma", sizes, options_.gamma_initializer, options_.gamma_regularizer);
  if (options_.center && !beta_.defined())
    beta_ = param("beta", sizes, options_.beta_initializer, options_.beta_regularizer);
  return in;
}

Tensor LayerNormalization::forward(const Tensor& x, Pass&) const {
  if (options_.scale || options_.center) check_built(*this, options_.scale ? gamma_ : beta_);
  // Without weights it may be called unbuilt.
  const Axes axes = sample_axes(*this, options_.axis, x.shape().slice(1));
  const Shape sizes = sizes_of(axes, x.shape().slice(1));
  const bool at_the_end = axes[0] + int(axes.size()) == x.rank();
  if (at_the_end && !options_.rms_scaling) {
    if (axes.size() == 1) return layer_norm(x, gamma_, beta_, {.epsilon = options_.epsilon});
    const Shape flat{sizes.numel()};
    const auto flattened = [&](const Tensor& w) { return w.defined() ? w.view(flat) : w; };
    return layer_norm(x.view(join(x.shape().slice(0, axes[0]), flat)), flattened(gamma_),
                      flattened(beta_), {.epsilon = options_.epsilon})
        .view(x.shape());
  }
  const Shape spread = spread_shape(axes, sizes, x.rank());
  return in_f32(x, [&](const Tensor& wide) {
    const Tensor deviation = sqrt(var(wide, axes, {.keepdims = true}) + options_.epsilon);
    if (options_.rms_scaling) return wide / deviation * gamma_.view(spread);
    Tensor y = (wide - mean(wide, axes, {.keepdims = true})) / deviation;
    if (gamma_.defined()) y = y * gamma_.view(spread);
    return beta_.defined() ? y + beta_.view(spread) : y;
  });
}

Config LayerNormalization::config() const {
  Config config;
  config.set("axis", axes_value(options_.axis)).set("epsilon", options_.epsilon);
  add_affine(config, options_);
  if (options_.rms_scaling) config.set("rms_scaling", true);  // a key that Keras 2 refuses
  return config;
}

RMSNormalization::RMSNormalization(RMSNormalizationOptions options) : options_(std::move(options)) {
  check_epsilon("RMSNormalization", options_.epsilon);
  set_name(options_.name);
}

Shape RMSNormalization::build(const Shape& in) {
  axes_ = sample_axes(*this, options_.axis, in);
  const Shape sizes = sizes_of(axes_, in);
  if (scale_.defined()) check_sizes(*this, scale_, sizes, in);
  if (!scale_.defined()) scale_ = param("scale", sizes, ones());
  return in;
}

Tensor RMSNormalization::forward(const Tensor& x, Pass&) const {
  check_built(*this, scale_);
  const Shape spread = spread_shape(axes_, scale_.shape(), x.rank());
  return in_f32(x, [&](const Tensor& wide) {
    const Tensor size = sqrt(mean(square(wide), axes_, {.keepdims = true}) + options_.epsilon);
    return wide / size * scale_.view(spread);
  });
}

Config RMSNormalization::config() const {
  return Config().set("axis", axes_value(options_.axis)).set("epsilon", options_.epsilon);
}

GroupNormalization::GroupNormalization(int groups, GroupNormalizationOptions options)
    : groups_(groups), options_(std::move(options)) {
  check_epsilon("GroupNormalization", options_.epsilon);
  MIEN_CHECK(groups >= 1 || groups == -1, ValueError,
             "GroupNormalization: groups must be at least 1, or -1; got ", groups);
  set_name(options_.name);
}

Shape GroupNormalization::build(const Shape& in) {
  axis_ = sample_axes(*this, options_.axis, in)[0];
  const Shape channels{in[axis_ - 1]};
  MIEN_CHECK(groups_ == -1 || (channels[0] % groups_ == 0 && channels[0] > 0), ShapeError,
             "GroupNormalization: the channels of ", in, " must be a multiple of ", groups_,
             " groups");
  const Tensor& made = options_.scale ? gamma_ : beta_;
  if (made.defined()) check_sizes(*this, made, channels, in);
  if (options_.scale && !gamma_.defined())
    gamma_ = param("gamma", channels, options_.gamma_initializer, options_.gamma_regularizer);
  if (options_.center && !beta_.defined())
    beta_ = param("beta", channels, options_.beta_initializer, options_.beta_regularizer);
  return in;
}

// The places of a group next to each other are what layer_norm takes.
Tensor GroupNormalization::forward(const Tensor& given, Pass&) const {
  MIEN_CHECK(axis_ > 0, ValueError,
             "GroupNormalization: is not built; call build() with the shape of one sample");
  const bool last = axis_ == given.rank() - 1;
  return in_f32(given, [&](const Tensor& wide) {
    const Tensor x = last ? wide : with_axis_last(wide, axis_);
    const std::int64_t batch = x.shape()[0], channels = x.shape()[-1];
    const std::int64_t groups = groups_ == -1 ? channels : groups_, each = channels / groups;
    const std::int64_t places = x.shape().slice(1, -1).numel();
    const Tensor apart = transpose(x.view({batch, places, groups, each}), {0, 2, 1, 3});
    const Tensor normal = layer_norm(apart.view({batch, groups, places * each}), {}, {},
                                     {.epsilon = options_.epsilon});
    Tensor y = transpose(normal.view({batch, groups, places, each}), {0, 2, 1, 3}).view(x.shape());
    if (gamma_.defined()) y = y * gamma_;
    if (beta_.defined()) y = y + beta_;
    return last ? y : with_axis_back(y, axis_);
  });
}

Config GroupNormalization::config() const {
  Config config;
  config.set("groups", groups_).set("axis", options_.axis).set("epsilon", options_.epsilon);
  return add_affine(config, options_);
}

UnitNormalization::UnitNormalization(Axes axis, std::string name) : axis_(std::move(axis)) {
  MIEN_CHECK(!axis_.empty(), ValueError, "UnitNormalization: an axis is required");
  set_name(std::move(name));
}

// Keras's bound of the norm, 1e-12, under the root.
Tensor UnitNormalization::forward(const Tensor& x, Pass&) const {
  return in_f32(x, [&](const Tensor& wide) {
    const Tensor squares = sum(square(wide), axis_, {.keepdims = true});
    return wide / sqrt(clip(squares, 1e-24, std::numeric_limits<double>::infinity()));
  });
}

Config UnitNormalization::config() const { return Config().set("axis", axes_value(axis_)); }

}  // namespace mien::nn
