#include "mien/nn/shape_layers1d.h"

#include "lib/nn/layer_config.h"
#include "lib/nn/sequences.h"
#include "mien/base/error.h"
#include "mien/ops/movement.h"
#include "mien/ops/upsample.h"

namespace mien::nn {
namespace {

void check_sizes(const char* kind, const char* option, const std::array<int, 2>& sizes) {
  for (const int size : sizes)
    MIEN_CHECK(size >= 0, ValueError, kind, ": ", option, " must not be negative; got ", size);
}

}  // namespace

ZeroPadding1D::ZeroPadding1D(std::array<int, 2> padding, LayerOptions options) : padding_(padding) {
  check_sizes("ZeroPadding1D", "padding", padding_);
  set_name(options.name);
}
Shape ZeroPadding1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  return {in[0] + padding_[0] + padding_[1], in[1]};
}
Tensor ZeroPadding1D::forward(const Tensor& x, Pass&) const {
  return pad(x, {{0, 0}, {padding_[0], padding_[1]}, {0, 0}});
}
Config ZeroPadding1D::config() const {
  return Config().set("padding", pair_value(padding_));  // Keras 2 knows no data_format here
}

Cropping1D::Cropping1D(std::array<int, 2> cropping, LayerOptions options) : cropping_(cropping) {
  check_sizes("Cropping1D", "cropping", cropping_);
  set_name(options.name);
}
Shape Cropping1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  const std::int64_t left = in[0] - cropping_[0] - cropping_[1];
  MIEN_CHECK(left > 0, ShapeError, "Cropping1D: cropping {", cropping_[0], ", ", cropping_[1],
             "} leaves nothing of ", in);
  return {left, in[1]};
}
Tensor Cropping1D::forward(const Tensor& x, Pass&) const {
  return slice(x, 1, {.begin = cropping_[0], .end = x.shape()[1] - cropping_[1]});
}
Config Cropping1D::config() const { return Config().set("cropping", pair_value(cropping_)); }

UpSampling1D::UpSampling1D(int size, LayerOptions options) : size_(size) {
  check_positive("UpSampling1D", "size", {size});
  set_name(options.name);
}
Shape UpSampling1D::build(const Shape& in) {
  check_sample(*this, in, 2, "[L, C]");
  return {in[0] * size_, in[1]};
}
Tensor UpSampling1D::forward(const Tensor& x, Pass&) const {
  return as_sequence(upsample2d(as_image(*this, x), {.size = {1, size_}}));
}
Config UpSampling1D::config() const { return Config().set("size", size_); }

}  // namespace mien::nn
