#include "mien/nn/dense.h"

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/matmul.h"

namespace mien::nn {

Dense::Dense(int units, DenseOptions options) : units_(units), options_(std::move(options)) {
  check_positive("Dense", "units", {units});
  set_name(options_.name);
}

Shape Dense::build(const Shape& in) {
  MIEN_CHECK(in.rank() >= 1, ShapeError, "Dense: a sample must have an axis; got ", in);
  if (kernel_.defined()) {
    check_channels(*this, kernel_.shape()[0], in);
  } else {
    kernel_ =
        param("kernel", {in[-1], units_}, options_.kernel_initializer, options_.kernel_regularizer);
    if (options_.use_bias)
      bias_ = param("bias", {units_}, options_.bias_initializer, options_.bias_regularizer);
  }
  Shape out = in;
  out[-1] = units_;
  return out;
}

Tensor Dense::forward(const Tensor& x, Pass&) const {
  check_built(*this, kernel_);
  return activated(dense(x, kernel_, bias_), options_.activation);
}

Config Dense::config() const {
  return Config()
      .set("units", units_)
      .set("activation", std::string(name_of(options_.activation)))
      .set("use_bias", options_.use_bias)
      .set("kernel_initializer", initializer_value(options_.kernel_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer));
}

}  // namespace mien::nn
