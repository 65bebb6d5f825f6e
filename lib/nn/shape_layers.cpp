#include "mien/nn/shape_layers.h"

#include <algorithm>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/movement.h"

namespace mien::nn {
namespace {

std::int64_t batch_of(const Tensor& x) { return x.shape()[0]; }

Tensor cropped(const Tensor& x, int axis, int before, int after) {
  if (before == 0 && after == 0) return x;
  return slice(x, axis, {.begin = before, .end = x.shape()[axis] - after});
}

}  // namespace

Flatten::Flatten(LayerOptions options) { set_name(options.name); }
Shape Flatten::build(const Shape& in) { return {in.numel()}; }
Tensor Flatten::forward(const Tensor& x, Pass&) const {
  return x.view(Shape{batch_of(x), x.shape().slice(1).numel()});
}
Config Flatten::config() const { return Config().set("data_format", "channels_last"); }

Reshape::Reshape(std::vector<std::int64_t> target_shape, LayerOptions options)
    : target_(std::move(target_shape)) {
  MIEN_CHECK(std::count(target_.begin(), target_.end(), -1) <= 1, ValueError,
             "Reshape: at most one size of target_shape may be -1");
  set_name(options.name);
}

Shape Reshape::build(const Shape& in) { return resolved(in); }

// The target with its -1 filled in, from the sample's size: an empty batch leaves nothing to
// divide.
Shape Reshape::resolved(const Shape& in) const {
  Shape out;
  int open = -1;
  for (const std::int64_t size : target_) {
    if (size == -1) open = out.rank();
    out.push_back(size == -1 ? 1 : size);
  }
  if (open >= 0 && out.numel() > 0) out[open] = in.numel() / out.numel();
  MIEN_CHECK(out.numel() == in.numel(), ShapeError, "Reshape: a sample of ", in, " has ",
             in.numel(), " elements, which do not make ", out);
  return out;
}

Tensor Reshape::forward(const Tensor& x, Pass&) const {
  return x.view(join({batch_of(x)}, resolved(x.shape().slice(1))));
}
Config Reshape::config() const { return Config().set("target_shape", Config::Ints(target_)); }

Permute::Permute(std::vector<int> dims, LayerOptions options) : dims_(std::move(dims)) {
  for (int i = 1; i <= int(dims_.size()); ++i)
    MIEN_CHECK(std::count(dims_.begin(), dims_.end(), i) == 1, ValueError,
               "Permute: dims must be the axes 1 to ", dims_.size(), ", each once");
  MIEN_CHECK(dims_.size() < Shape::kMaxRank, ValueError, "Permute: at most ", Shape::kMaxRank - 1,
             " dims are supported; got ", dims_.size());
  set_name(options.name);
}
Shape Permute::build(const Shape& in) {
  MIEN_CHECK(in.rank() == int(dims_.size()), ShapeError, "Permute: a sample must have ",
             dims_.size(), " axes; got ", in);
  Shape out;
  for (const int dim : dims_) out.push_back(in[dim - 1]);
  return out;
}
Tensor Permute::forward(const Tensor& x, Pass&) const {
  Axes order{0};
  for (const int dim : dims_) order.push_back(dim);
  return transpose(x, order);
}
Config Permute::config() const {
  return Config().set("dims", Config::Ints(dims_.begin(), dims_.end()));
}

RepeatVector::RepeatVector(int n, LayerOptions options) : n_(n) {
  check_positive("RepeatVector", "n", {n});
  set_name(options.name);
}
Shape RepeatVector::build(const Shape& in) {
  check_sample(*this, in, 1, "[C]");
  return {n_, in[0]};
}
Tensor RepeatVector::forward(const Tensor& x, Pass&) const {
  return broadcast_to(expand_dims(x, 1), {batch_of(x), n_, x.shape()[-1]});
}
Config RepeatVector::config() const { return Config().set("n", n_); }

ZeroPadding2D::ZeroPadding2D(std::array<int, 4> padding, LayerOptions options) : padding_(padding) {
  for (const int size : padding_)
    MIEN_CHECK(size >= 0, ValueError, "ZeroPadding2D: padding must not be negative; got ", size);
  set_name(options.name);
}
Shape ZeroPadding2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  return {in[0] + padding_[0] + padding_[1], in[1] + padding_[2] + padding_[3], in[2]};
}
Tensor ZeroPadding2D::forward(const Tensor& x, Pass&) const {
  return pad(x, {{0, 0}, {padding_[0], padding_[1]}, {padding_[2], padding_[3]}, {0, 0}});
}
Config ZeroPadding2D::config() const {
  return Config()
      .set("padding", Config::Ints(padding_.begin(), padding_.end()))
      .set("data_format", "channels_last");
}

Cropping2D::Cropping2D(std::array<int, 4> cropping, LayerOptions options) : cropping_(cropping) {
  for (const int size : cropping_)
    MIEN_CHECK(size >= 0, ValueError, "Cropping2D: cropping must not be negative; got ", size);
  set_name(options.name);
}
Shape Cropping2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  const std::int64_t rows = in[0] - cropping_[0] - cropping_[1],
                     columns = in[1] - cropping_[2] - cropping_[3];
  MIEN_CHECK(rows > 0 && columns > 0, ShapeError, "Cropping2D: cropping {", cropping_[0], ", ",
             cropping_[1], ", ", cropping_[2], ", ", cropping_[3], "} leaves nothing of ", in);
  return {rows, columns, in[2]};
}
Tensor Cropping2D::forward(const Tensor& x, Pass&) const {
  return cropped(cropped(x, 1, cropping_[0], cropping_[1]), 2, cropping_[2], cropping_[3]);
}
Config Cropping2D::config() const {
  return Config()
      .set("cropping", Config::Ints(cropping_.begin(), cropping_.end()))
      .set("data_format", "channels_last");
}

UpSampling2D::UpSampling2D(std::array<int, 2> size, UpSampling2DOptions options)
    : size_(size), options_(std::move(options)) {
  check_positive("UpSampling2D", "size", {size[0], size[1]});
  set_name(options_.name);
}
Shape UpSampling2D::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  return {in[0] * size_[0], in[1] * size_[1], in[2]};
}
Tensor UpSampling2D::forward(const Tensor& x, Pass&) const {
  return upsample2d(x, {.size = size_, .interpolation = options_.interpolation});
}
Config UpSampling2D::config() const {
  return Config()
      .set("size", pair_value(size_))
      .set("data_format", "channels_last")
      .set("interpolation",
           options_.interpolation == Interpolation::nearest ? "nearest" : "bilinear");
}

}  // namespace mien::nn
