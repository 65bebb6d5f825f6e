#include "mien/nn/dropout.h"

#include <utility>

#include "lib/nn/layer_config.h"
#include "lib/nn/sample_axes.h"
#include "mien/base/error.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"

namespace mien::nn {

Dropout::Dropout(double rate, DropoutOptions options) : rate_(rate), options_(std::move(options)) {
  MIEN_CHECK(rate >= 0 && rate < 1, ValueError,
             "Dropout: rate must be at least 0 and below 1; got ", rate);
  for (const std::int64_t size : options_.noise_shape)
    MIEN_CHECK(size >= 1 || size == -1, ValueError,
               "Dropout: sizes of noise_shape must be at least 1, or -1; got ", size);
  set_name(options_.name);
}
Tensor Dropout::forward(const Tensor& x, Pass& pass) const {
  if (!pass.training) return x;
  if (options_.noise_shape.empty() || rate_ == 0) return dropout(x, rate_, pass.generator());
  MIEN_CHECK(int(options_.noise_shape.size()) == x.rank(), ShapeError, "Dropout: a noise_shape of ",
             options_.noise_shape.size(), " axes does not fit ", x.shape());
  Shape noise = x.shape();
  for (int axis = 0; axis < x.rank(); ++axis)
    if (const std::int64_t size = options_.noise_shape[std::size_t(axis)]; size != -1)
      noise[axis] = size;
  return x * dropout(Tensor::ones(noise, x.options()), rate_, pass.generator());
}
Config Dropout::config() const {
  const bool plain = options_.noise_shape.empty();
  return Config()
      .set("rate", rate_)
      .set("noise_shape", plain ? Config::Value() : Config::Value(options_.noise_shape))
      .set("seed", Config::Value());
}

Rescaling::Rescaling(double scale, double offset, LayerOptions options)
    : scale_{scale}, offset_{offset} {
  set_name(options.name);
}
Rescaling::Rescaling(std::vector<double> scale, std::vector<double> offset, LayerOptions options)
    : scale_(std::move(scale)), offset_(std::move(offset)) {
  MIEN_CHECK(!scale_.empty() && !offset_.empty(), ValueError,
             "Rescaling: a scale and an offset are required");
  set_name(options.name);
}
Shape Rescaling::build(const Shape& in) {
  for (const auto* numbers : {&scale_, &offset_}) {
    const auto n = std::int64_t(numbers->size());
    MIEN_CHECK(n == 1 || (in.rank() >= 1 && in[-1] == n), ShapeError, "Rescaling: ", n,
               " numbers do not fit a sample of ", in);
  }
  if (scale_.size() > 1) scales_ = Tensor::from(scale_, {in[-1]});
  if (offset_.size() > 1) offsets_ = Tensor::from(offset_, {in[-1]});
  return in;
}
Tensor Rescaling::forward(const Tensor& x, Pass&) const {
  if (scale_.size() == 1 && offset_.size() == 1) return scale_shift(x, scale_[0], offset_[0]);
  return in_f32(x, [&](const Tensor& wide) {
    const auto tensor = [&](const Tensor& built, const std::vector<double>& numbers) {
      if (built.defined()) return built.to(wide.dtype());
      return Tensor::from(numbers, {std::int64_t(numbers.size())}, wide.options());
    };
    const Tensor scaled = scale_.size() > 1 ? wide * tensor(scales_, scale_) : wide * scale_[0];
    return offset_.size() > 1 ? scaled + tensor(offsets_, offset_) : scaled + offset_[0];
  });
}
Config Rescaling::config() const {
  return Config().set("scale", numbers_value(scale_)).set("offset", numbers_value(offset_));
}

}  // namespace mien::nn
