#include "mien/nn/merge.h"

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"

namespace mien::nn {
namespace {

void check_count(const char* kind, std::size_t inputs) {
  MIEN_CHECK(inputs >= 2, ValueError, kind, ": takes two or more inputs; got ", inputs);
}

}  // namespace

Add::Add(LayerOptions options) { set_name(options.name); }
Shapes Add::build(std::span<const Shape> in) {
  check_count("Add", in.size());
  Shape out = in[0];
  for (const Shape& each : in.subspan(1)) out = broadcast("Add", out, each);
  return out;
}
Tensors Add::call(std::span<const Tensor> in, Pass&) const {
  check_count("Add", in.size());
  Tensor out = in[0];
  for (const Tensor& each : in.subspan(1)) out = add(out, each);
  return out;
}
Config Add::config() const { return {}; }

Concatenate::Concatenate(int axis, LayerOptions options) : axis_(axis) {
  MIEN_CHECK(axis != 0, ValueError, "Concatenate: axis 0 is the batch");
  set_name(options.name);
}
Shapes Concatenate::build(std::span<const Shape> in) {
  check_count("Concatenate", in.size());
  const int axis = in[0].at(axis_ > 0 ? axis_ - 1 : axis_);
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
  check_count("Concatenate", in.size());
  return concatenate(in, axis_);
}
Config Concatenate::config() const { return Config().set("axis", axis_); }

}  // namespace mien::nn
