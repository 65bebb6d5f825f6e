#include "mien/nn/normalization.h"

#include "lib/nn/layer_config.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/layer_norm.h"

namespace mien::nn {
namespace {

void check_epsilon(const char* kind, double epsilon) {
  MIEN_CHECK(epsilon > 0, ValueError, kind, ": epsilon must be above 0; got ", epsilon);
}

// Keras counts the batch in a positive axis, so the last axis of samples of rank r is r.
void check_last_axis(const Module& layer, int axis, const Shape& in) {
  MIEN_CHECK(in.rank() >= 1, ShapeError, layer.kind(), ": a sample must have an axis; got ", in);
  MIEN_CHECK(axis == -1 || axis == in.rank(), ShapeError, layer.kind(),
             ": only the last axis is normalized; got axis ", axis, " for samples of ", in);
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
  check_last_axis(*this, options_.axis, in);
  const Shape channels{in[-1]};
  if (moving_mean_.defined()) {
    check_channels(*this, moving_mean_.shape()[0], in);
    return in;
  }
  if (options_.scale) gamma_ = param("gamma", channels, ones());
  if (options_.center) beta_ = param("beta", channels, zeros());
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
    return batch_norm(x, gamma_, beta_, after).y;
  }
  after.moving_mean = moving_mean_;
  after.moving_variance = moving_variance_;
  after.momentum = options_.momentum;
  return batch_norm(x, gamma_, beta_, after).y;
}

Config BatchNormalization::config() const {
  return Config()
      .set("axis", options_.axis)
      .set("momentum", options_.momentum)
      .set("epsilon", options_.epsilon)
      .set("center", options_.center)
      .set("scale", options_.scale);
}

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : options_(std::move(options)) {
  check_epsilon("LayerNormalization", options_.epsilon);
  set_name(options_.name);
}

Shape LayerNormalization::build(const Shape& in) {
  check_last_axis(*this, options_.axis, in);
  const Shape channels{in[-1]};
  const Tensor& made = options_.scale ? gamma_ : beta_;
  if (made.defined()) check_channels(*this, made.shape()[0], in);
  if (options_.scale && !gamma_.defined()) gamma_ = param("gamma", channels, ones());
  if (options_.center && !beta_.defined()) beta_ = param("beta", channels, zeros());
  return in;
}

Tensor LayerNormalization::forward(const Tensor& x, Pass&) const {
  if (options_.scale || options_.center) check_built(*this, options_.scale ? gamma_ : beta_);
  return layer_norm(x, gamma_, beta_, {.epsilon = options_.epsilon});
}

Config LayerNormalization::config() const {
  return Config()
      .set("axis", options_.axis)
      .set("epsilon", options_.epsilon)
      .set("center", options_.center)
      .set("scale", options_.scale);
}

}  // namespace mien::nn
