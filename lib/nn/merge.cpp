#include "mien/nn/merge.h"

#include <algorithm>
#include <limits>

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

void check_inputs(const Module& layer, std::size_t got) {
  MIEN_CHECK(got >= 1, ValueError, layer.kind(), ": takes one or more inputs; got none");
}
void check_two_inputs(const Module& layer, std::size_t got) {
  MIEN_CHECK(got == 2, ValueError, layer.kind(), ": takes two inputs; got ", got);
}

// With axes of one after the batch, up to that rank.
Tensor of_rank(const Tensor& x, int rank) {
  if (x.rank() == rank) return x;
  Shape shape = x.shape().slice(0, 1);
  while (shape.rank() < rank - (x.rank() - 1)) shape.push_back(1);
  return x.view(join(shape, x.shape().slice(1)));
}

}  // namespace

Merge::Merge(LayerOptions options) { set_name(options.name); }

Shapes Merge::build(std::span<const Shape> in) {
  check_inputs(*this, in.size());
  Shape out = in[0];
  const std::string layer(kind());
  for (const Shape& each : in.subspan(1)) out = broadcast(layer.c_str(), out, each);
  return out;
}

Tensors Merge::call(std::span<const Tensor> in, Pass&) const {
  check_inputs(*this, in.size());
  int rank = 0;
  for (const Tensor& each : in) rank = std::max(rank, each.rank());
  Tensor all = of_rank(in[0], rank);
  for (const Tensor& each : in.subspan(1)) all = merged(all, of_rank(each, rank));
  return finished(all, in.size());
}

Add::Add(LayerOptions options) : Merge(std::move(options)) {}
Tensor Add::merged(const Tensor& so_far, const Tensor& next) const { return add(so_far, next); }

Subtract::Subtract(LayerOptions options) : Merge(std::move(options)) {}
Shapes Subtract::build(std::span<const Shape> in) {
  check_two_inputs(*this, in.size());
  return Merge::build(in);
}
Tensor Subtract::merged(const Tensor& so_far, const Tensor& next) const {
  return sub(so_far, next);
}

Multiply::Multiply(LayerOptions options) : Merge(std::move(options)) {}
Tensor Multiply::merged(const Tensor& so_far, const Tensor& next) const {
  return mul(so_far, next);
}

Average::Average(LayerOptions options) : Merge(std::move(options)) {}
Tensor Average::merged(const Tensor& so_far, const Tensor& next) const { return add(so_far, next); }
Tensor Average::finished(const Tensor& all, std::size_t inputs) const {
  return inputs == 1 ? all : all / double(inputs);
}

Maximum::Maximum(LayerOptions options) : Merge(std::move(options)) {}
Tensor Maximum::merged(const Tensor& so_far, const Tensor& next) const {
  return maximum(so_far, next);
}

Minimum::Minimum(LayerOptions options) : Merge(std::move(options)) {}
Tensor Minimum::merged(const Tensor& so_far, const Tensor& next) const {
  return minimum(so_far, next);
}

namespace {

// Place of an axis, counted with the batch, in a sample of that shape.
int in_sample(const Shape& sample, int axis) { return sample.at(axis > 0 ? axis - 1 : axis); }

Shape without(const Shape& shape, int axis) {
  return join(shape.slice(0, axis), shape.slice(axis + 1));
}

// To length 1 along an axis; zeros stay zeros.
Tensor normalized(const Tensor& x, int axis) {
  const Tensor squares = sum(square(x), axis, {.keepdims = true});
  return x / sqrt(clip(squares, 1e-14, std::numeric_limits<double>::infinity()));
}

// [N, .., K, ..] -> [N, product of the others, K].
Tensor as_rows(const Tensor& x, int axis) {
  Axes order;
  for (int i = 0; i < x.rank(); ++i)
    if (i != axis) order.push_back(i);
  order.push_back(axis);
  const Tensor moved = axis == x.rank() - 1 ? x : transpose(x, order);
  const std::int64_t rows = without(x.shape().slice(1), axis - 1).numel();
  return moved.view({x.shape()[0], rows, x.shape()[axis]});
}

}  // namespace

Dot::Dot(std::array<int, 2> axes, DotOptions options) : axes_(axes), options_(std::move(options)) {
  MIEN_CHECK(axes[0] != 0 && axes[1] != 0, ValueError, "Dot: axis 0 is the batch");
  set_name(options_.name);
}
Dot::Dot(int axis, DotOptions options) : Dot(std::array{axis, axis}, std::move(options)) {}

Shape Dot::sample_shape(const Shape& a, const Shape& b) const {
  const int i = in_sample(a, axes_[0]), j = in_sample(b, axes_[1]);
  MIEN_CHECK(a[i] == b[j], ShapeError, "Dot: axis ", axes_[0], " of a sample of ", a, " and axis ",
             axes_[1], " of one of ", b, " differ");
  const Shape out = join(without(a, i), without(b, j));
  return out.rank() == 0 ? Shape{1} : out;
}

Shapes Dot::build(std::span<const Shape> in) {
  check_two_inputs(*this, in.size());
  return sample_shape(in[0], in[1]);
}

Tensors Dot::call(std::span<const Tensor> in, Pass&) const {
  check_two_inputs(*this, in.size());
  const Shape sample = sample_shape(in[0].shape().slice(1), in[1].shape().slice(1));
  Tensor rows[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const int axis = in[i].shape().at(axes_[i]);
    rows[i] = as_rows(options_.normalize ? normalized(in[i], axis) : in[i], axis);
  }
  const Tensor products = matmul(rows[0], rows[1], {.transpose_b = true});
  return products.view(join(in[0].shape().slice(0, 1), sample));
}

Config Dot::config() const {
  return Config()
      .set("axes", Config::Ints{axes_[0], axes_[1]})
      .set("normalize", options_.normalize);
}

Concatenate::Concatenate(int axis, LayerOptions options) : axis_(axis) {
  MIEN_CHECK(axis != 0, ValueError, "Concatenate: axis 0 is the batch");
  set_name(options.name);
}
Shapes Concatenate::build(std::span<const Shape> in) {
  check_inputs(*this, in.size());
  const int axis = in_sample(in[0], axis_);
  Shape out = in[0];
  for (const Shape& each : in.subspan(1)) {
    Shape same = each;
    if (same.rank() == out.rank()) same[axis] = out[axis];
    MIEN_CHECK(same == out, ShapeError, "Concatenate: samples of ", in[0], " and ", each,
               " differ beside axis ", axis_);
    out[axis] += each[axis];
  }
  return out;
}
Tensors Concatenate::call(std::span<const Tensor> in, Pass&) const {
  check_inputs(*this, in.size());
  return concatenate(in, axis_);
}
Config Concatenate::config() const { return Config().set("axis", axis_); }

}  // namespace mien::nn
