#include "mien/nn/pooling1d.h"

#include "lib/nn/layer_config.h"
#include "lib/nn/sequences.h"
#include "mien/base/error.h"
#include "mien/ops/pool.h"

namespace mien::nn {
namespace {

Pool2dOptions op_options(int size, const Pooling1DOptions& options) {
  const int stride = options.strides > 0 ? options.strides : size;
  return {.size = {1, size}, .stride = {1, stride}, .padding = options.padding};
}

void check_pool(const char* kind, int size, const Pooling1DOptions& options) {
  check_positive(kind, "pool_size", {size});
  MIEN_CHECK(options.strides >= 0, ValueError, kind, ": strides must not be negative; got ",
             options.strides);
  check_padding(kind, options.padding);
}

Shape pooled(const Module& layer, const Shape& in, const Pool2dOptions& options) {
  check_sample(layer, in, 2, "[L, C]");
  return sequence_shape(pool2d_shape(image_shape(in), options));
}

Config pool_config(int size, const Pooling1DOptions& options) {
  return Config()
      .set("pool_size", one_value(size))
      .set("padding", padding_name(options.padding))
      .set("strides", one_value(options.strides > 0 ? options.strides : size))
      .set("data_format", "channels_last");
}

Shape global_shape(const Module& layer, const Shape& in, bool keepdims) {
  check_sample(layer, in, 2, "[L, C]");
  return keepdims ? Shape{1, in[1]} : Shape{in[1]};
}

Config global_config(bool keepdims) {
  return Config().set("data_format", "channels_last").set("keepdims", keepdims);
}

}  // namespace

MaxPooling1D::MaxPooling1D(int pool_size, Pooling1DOptions options)
    : size_(pool_size), options_(std::move(options)) {
  check_pool("MaxPooling1D", size_, options_);
  set_name(options_.name);
}
Shape MaxPooling1D::build(const Shape& in) {
  return pooled(*this, in, op_options(size_, options_));
}
Tensor MaxPooling1D::forward(const Tensor& x, Pass&) const {
  return as_sequence(max_pool2d(as_image(*this, x), op_options(size_, options_)));
}
Config MaxPooling1D::config() const { return pool_config(size_, options_); }

AveragePooling1D::AveragePooling1D(int pool_size, Pooling1DOptions options)
    : size_(pool_size), options_(std::move(options)) {
  check_pool("AveragePooling1D", size_, options_);
  set_name(options_.name);
}
Shape AveragePooling1D::build(const Shape& in) {
  return pooled(*this, in, op_options(size_, options_));
}
Tensor AveragePooling1D::forward(const Tensor& x, Pass&) const {
  return as_sequence(avg_pool2d(as_image(*this, x), op_options(size_, options_)));
}
Config AveragePooling1D::config() const { return pool_config(size_, options_); }

GlobalAveragePooling1D::GlobalAveragePooling1D(GlobalPooling1DOptions options)
    : options_(std::move(options)) {
  set_name(options_.name);
}
Shape GlobalAveragePooling1D::build(const Shape& in) {
  return global_shape(*this, in, options_.keepdims);
}
Tensor GlobalAveragePooling1D::forward(const Tensor& x, Pass&) const {
  const Tensor y = global_avg_pool2d(as_image(*this, x), {.keepdims = options_.keepdims});
  return options_.keepdims ? as_sequence(y) : y;
}
Config GlobalAveragePooling1D::config() const { return global_config(options_.keepdims); }

GlobalMaxPooling1D::GlobalMaxPooling1D(GlobalPooling1DOptions options)
    : options_(std::move(options)) {
  set_name(options_.name);
}
Shape GlobalMaxPooling1D::build(const Shape& in) {
  return global_shape(*this, in, options_.keepdims);
}
Tensor GlobalMaxPooling1D::forward(const Tensor& x, Pass&) const {
  const Tensor y = global_max_pool2d(as_image(*this, x), {.keepdims = options_.keepdims});
  return options_.keepdims ? as_sequence(y) : y;
}
Config GlobalMaxPooling1D::config() const { return global_config(options_.keepdims); }

}  // namespace mien::nn
