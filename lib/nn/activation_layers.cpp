#include "mien/nn/activation_layers.h"

#include <limits>

#include "lib/core/logits.h"
#include "lib/nn/layer_config.h"
#include "lib/nn/sample_axes.h"
#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"

namespace mien::nn {

Activation::Activation(Act activation, LayerOptions options) : act_(activation) {
  set_name(options.name);
}
Tensor Activation::forward(const Tensor& x, Pass&) const { return activated(x, act_); }
Config Activation::config() const { return Config().set("activation", std::string(name_of(act_))); }

ReLU::ReLU(ReLUOptions options) : options_(std::move(options)) {
  MIEN_CHECK(options_.max_value.value_or(0) >= 0 && options_.negative_slope >= 0 &&
                 options_.threshold >= 0,
             ValueError, "ReLU: max_value, negative_slope and threshold must not be negative; got ",
             options_.max_value.value_or(0), ", ", options_.negative_slope, " and ",
             options_.threshold);
  set_name(options_.name);
}

// Keras's definition: slope * (x - threshold) below the threshold, min(x, max_value) from it on.
Tensor ReLU::forward(const Tensor& x, Pass&) const {
  const double threshold = options_.threshold, slope = options_.negative_slope;
  Tensor y;
  if (threshold == 0) {
    y = slope == 0 ? relu(x) : leaky_relu(x, slope);
  } else {
    y = where(greater(x, threshold), x, (x - threshold) * slope);
  }
  if (!options_.max_value) return y;
  return clip(y, -std::numeric_limits<double>::infinity(), *options_.max_value);
}

Config ReLU::config() const {
  Config config;
  if (options_.max_value) config.set("max_value", *options_.max_value);
  return config.set("negative_slope", options_.negative_slope).set("threshold", options_.threshold);
}

LeakyReLU::LeakyReLU(double negative_slope, LayerOptions options) : slope_(negative_slope) {
  MIEN_CHECK(slope_ >= 0, ValueError, "LeakyReLU: negative_slope must not be negative; got ",
             slope_);
  set_name(options.name);
}
Tensor LeakyReLU::forward(const Tensor& x, Pass&) const { return leaky_relu(x, slope_); }
// Keras 2's name; Keras 3 reads it too.
Config LeakyReLU::config() const { return Config().set("alpha", slope_); }

ELU::ELU(double alpha, LayerOptions options) : alpha_(alpha) {
  MIEN_CHECK(alpha >= 0, ValueError, "ELU: alpha must not be negative; got ", alpha);
  set_name(options.name);
}
Tensor ELU::forward(const Tensor& x, Pass&) const { return elu(x, alpha_); }
Config ELU::config() const { return Config().set("alpha", alpha_); }

PReLU::PReLU(PReLUOptions options) : options_(std::move(options)) {
  for (const int axis : options_.shared_axes)
    MIEN_CHECK(axis >= 1, ValueError, "PReLU: shared_axes count from 1; got ", axis);
  set_name(options_.name);
}
Shape PReLU::build(const Shape& in) {
  Shape wanted = in;
  for (const int axis : options_.shared_axes) {
    MIEN_CHECK(axis <= in.rank(), ShapeError, "PReLU: a sample of ", in, " has no axis ", axis);
    wanted[axis - 1] = 1;
  }
  if (!alpha_.defined())
    alpha_ = param("alpha", wanted, options_.alpha_initializer, options_.alpha_regularizer);
  MIEN_CHECK(alpha_.shape() == wanted, ShapeError, "PReLU: was built for an alpha of ",
             alpha_.shape(), "; got samples of ", in);
  return in;
}
Tensor PReLU::forward(const Tensor& x, Pass&) const {
  check_built(*this, alpha_);
  return in_f32(x, [&](const Tensor& wide) { return relu(wide) - alpha_ * relu(-wide); });
}
Config PReLU::config() const {
  Config config;
  config.set("alpha_initializer", initializer_value(options_.alpha_initializer))
      .set("alpha_regularizer", regularizer_value(options_.alpha_regularizer));
  const Config::Ints shared(options_.shared_axes.begin(), options_.shared_axes.end());
  return config.set("shared_axes", shared.empty() ? Config::Value() : Config::Value(shared));
}

Softmax::Softmax(Axes axis, LayerOptions options) : axis_(std::move(axis)) {
  MIEN_CHECK(!axis_.empty(), ValueError, "Softmax: an axis is required");
  set_name(options.name);
}
Tensor Softmax::forward(const Tensor& x, Pass& pass) const {
  if (x.dtype() == DType::bf16) return forward(x.to(DType::f32), pass);
  if (axis_.size() > 1) {
    if (x.numel() == 0) return x;
    const Tensor e = exp(x - max(x, axis_, {.keepdims = true}).detach());
    return e / sum(e, axis_, {.keepdims = true});
  }
  Tensor y = softmax(x, axis_[0]);
  if (x.shape().at(axis_[0]) == x.rank() - 1) note_logits(y, x, Act::softmax);
  return y;
}
Config Softmax::config() const { return Config().set("axis", axes_value(axis_)); }

}  // namespace mien::nn
