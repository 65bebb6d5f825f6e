#include "mien/nn/pooling.h"

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/pool.h"

namespace mien::nn {
namespace {

Pool2dOptions op_options(const std::array<int, 2>& size, const Pooling2DOptions& options) {
  return {.size = size, .stride = options.strides, .padding = options.padding};
}

void check_pool(const char* kind, const std::array<int, 2>& size, const Pooling2DOptions& options) {
  check_positive(kind, "pool_size", {size[0], size[1]});
  MIEN_CHECK(options.strides[0] >= 0 && options.strides[1] >= 0, ValueError, kind,
             ": strides must not be negative; got ", options.strides[0], " and ",
             options.strides[1]);
  check_padding(kind, options.padding);
}

Shape pooled(const Module& layer, const Shape& in, const Pool2dOptions& options) {
  check_sample(layer, in, 3, "[H, W, C]");
  return pool2d_shape(join({1}, in), options).slice(1);
}

Config pool_config(const std::array<int, 2>& size, const Pooling2DOptions& options) {
  const auto stride = [&](std::size_t i) {
    return options.strides[i] > 0 ? options.strides[i] : size[i];
  };
  return Config()
      .set("pool_size", pair_value(size))
      .set("padding", padding_name(options.padding))
      .set("strides", pair_value({stride(0), stride(1)}))
      .set("data_format", "channels_last");
}

Shape global_shape(const Module& layer, const Shape& in, bool keepdims) {
  check_sample(layer, in, 3, "[H, W, C]");
  return keepdims ? Shape{1, 1, in[2]} : Shape{in[2]};
}

Config global_config(bool keepdims) {
  return Config().set("data_format", "channels_last").set("keepdims", keepdims);
}

}  // namespace

MaxPooling2D::MaxPooling2D(std::array<int, 2> pool_size, Pooling2DOptions options)
    : size_(pool_size), options_(std::move(options)) {
  check_pool("MaxPooling2D", size_, options_);
  set_name(options_.name);
}
Shape MaxPooling2D::build(const Shape& in) {
  return pooled(*this, in, op_options(size_, options_));
}
Tensor MaxPooling2D::forward(const Tensor& x, Pass&) const {
  return max_pool2d(x, op_options(size_, options_));
}
Config MaxPooling2D::config() const { return pool_config(size_, options_); }

AveragePooling2D::AveragePooling2D(std::array<int, 2> pool_size, Pooling2DOptions options)
    : size_(pool_size), options_(std::move(options)) {
  check_pool("AveragePooling2D", size_, options_);
  set_name(options_.name);
}
Shape AveragePooling2D::build(const Shape& in) {
  return pooled(*this, in, op_options(size_, options_));
}
Tensor AveragePooling2D::forward(const Tensor& x, Pass&) const {
  return avg_pool2d(x, op_options(size_, options_));
}
Config AveragePooling2D::config() const { return pool_config(size_, options_); }

GlobalAveragePooling2D::GlobalAveragePooling2D(GlobalPooling2DOptions options)
    : options_(std::move(options)) {
  set_name(options_.name);
}
Shape GlobalAveragePooling2D::build(const Shape& in) {
  return global_shape(*this, in, options_.keepdims);
}
Tensor GlobalAveragePooling2D::forward(const Tensor& x, Pass&) const {
  return global_avg_pool2d(x, {.keepdims = options_.keepdims});
}
Config GlobalAveragePooling2D::config() const { return global_config(options_.keepdims); }

GlobalMaxPooling2D::GlobalMaxPooling2D(GlobalPooling2DOptions options)
    : options_(std::move(options)) {
  set_name(options_.name);
}
Shape GlobalMaxPooling2D::build(const Shape& in) {
  return global_shape(*this, in, options_.keepdims);
}
Tensor GlobalMaxPooling2D::forward(const Tensor& x, Pass&) const {
  return global_max_pool2d(x, {.keepdims = options_.keepdims});
}
Config GlobalMaxPooling2D::config() const { return global_config(options_.keepdims); }

}  // namespace mien::nn
