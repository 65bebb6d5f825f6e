#include "mien/nn/dropout.h"

#include "mien/base/error.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"

namespace mien::nn {

Dropout::Dropout(double rate, LayerOptions options) : rate_(rate) {
  MIEN_CHECK(rate >= 0 && rate < 1, ValueError,
             "Dropout: rate must be at least 0 and below 1; got ", rate);
  set_name(options.name);
}
Tensor Dropout::forward(const Tensor& x, Pass& pass) const {
  return pass.training ? dropout(x, rate_, pass.generator()) : x;
}
Config Dropout::config() const { return Config().set("rate", rate_).set("seed", Config::Value()); }

Rescaling::Rescaling(double scale, double offset, LayerOptions options)
    : scale_(scale), offset_(offset) {
  set_name(options.name);
}
Tensor Rescaling::forward(const Tensor& x, Pass&) const { return scale_shift(x, scale_, offset_); }
Config Rescaling::config() const { return Config().set("scale", scale_).set("offset", offset_); }

}  // namespace mien::nn
