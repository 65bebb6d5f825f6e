#include "mien/nn/residual.h"

#include <utility>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"

namespace mien::nn {

LayerScale::LayerScale(int projection_dim, LayerScaleOptions options)
    : projection_dim_(projection_dim), options_(std::move(options)) {
  check_positive("LayerScale", "projection_dim", {projection_dim});
  set_name(options_.name);
}
Shape LayerScale::build(const Shape& in) {
  MIEN_CHECK(in.rank() >= 1 && in[-1] == projection_dim_, ShapeError,
             "LayerScale: a sample must end in ", projection_dim_, " channels; got ", in);
  if (!gamma_.defined()) gamma_ = param("gamma", {projection_dim_}, constant(options_.init_values));
  return in;
}
Tensor LayerScale::forward(const Tensor& x, Pass&) const {
  check_built(*this, gamma_);
  return x * gamma_;
}
Config LayerScale::config() const {
  return Config().set("init_values", options_.init_values).set("projection_dim", projection_dim_);
}

StochasticDepth::StochasticDepth(double drop_path_rate, LayerOptions options)
    : rate_(drop_path_rate) {
  MIEN_CHECK(0 <= rate_ && rate_ < 1, ValueError,
             "StochasticDepth: drop_path_rate must be in [0, 1); got ", rate_);
  set_name(options.name);
}
Tensor StochasticDepth::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training || rate_ == 0) return x;
  Shape each = x.shape();
  for (int axis = 1; axis < each.rank(); ++axis) each[axis] = 1;
  return x * dropout(Tensor::ones(each, x.options()), rate_, pass.generator());
}
Config StochasticDepth::config() const { return Config().set("drop_path_rate", rate_); }

CustomScaleLayer::CustomScaleLayer(double scale, LayerOptions options) : scale_(scale) {
  set_name(options.name);
}
Shapes CustomScaleLayer::build(std::span<const Shape> in) {
  MIEN_CHECK(in.size() == 2, ValueError, "CustomScaleLayer: takes two inputs; got ", in.size());
  MIEN_CHECK(in[0] == in[1], ShapeError, "CustomScaleLayer: samples of ", in[0], " and ", in[1],
             " differ");
  return in[0];
}
Tensors CustomScaleLayer::call(std::span<const Tensor> in, Pass&) const {
  MIEN_CHECK(in.size() == 2, ValueError, "CustomScaleLayer: takes two inputs; got ", in.size());
  return in[0] + in[1] * scale_;
}
Config CustomScaleLayer::config() const { return Config().set("scale", scale_); }

}  // namespace mien::nn
