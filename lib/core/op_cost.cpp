#include "lib/core/op_cost.h"

#include <algorithm>

namespace mien {
namespace {

// flop operations on each of n elements, in and out of as many tensors.
OpCost each(std::int64_t n, double flop, double tensors, std::size_t size) {
  return {flop * double(n), tensors * double(n) * double(size)};
}

// What is added to must be read too.
double reads(double beta) { return beta == 0 ? 0 : 1; }
double reads(const void* maybe_null) { return maybe_null ? 1 : 0; }

std::int64_t product(const std::int64_t* dims, int rank) {
  std::int64_t n = 1;
  for (int i = 0; i < rank; ++i) n *= dims[i];
  return n;
}
std::int64_t numel(const BroadcastArgs& walk) { return product(walk.dims, walk.rank); }

std::int64_t x_numel(const Pool2dGeometry& g) { return std::int64_t(g.n) * g.h * g.w * g.c; }
std::int64_t y_numel(const Pool2dGeometry& g) { return std::int64_t(g.n) * g.oh * g.ow * g.c; }

// argmax: one byte for each of the smaller image's places.
OpCost pool(const Pool2dGeometry& g, double flop, std::size_t size, bool argmax, double beta) {
  const double x = double(x_numel(g)), y = double(y_numel(g));
  return {flop, (x * (1 + reads(beta)) + y) * double(size) + (argmax ? y : 0)};
}
double window_flop(const Pool2dGeometry& g) { return double(y_numel(g)) * g.kh * g.kw; }

}  // namespace

OpCost op_cost(const UnaryArgs& a, std::size_t size) { return each(a.n, 1, 2, size); }
OpCost op_cost(const UnaryGradArgs& a, std::size_t size) {
  return each(a.n, 2, (keeps(a.op) == Keeps::nothing ? 2 : 3) + reads(a.beta), size);
}
OpCost op_cost(const BinaryArgs& a, std::size_t size) { return each(numel(a.walk), 1, 3, size); }
OpCost op_cost(const BinaryGradArgs& a, std::size_t size) {
  return each(numel(a.walk), 1, 3 + reads(a.beta), size);
}
OpCost op_cost(const CompareArgs& a, std::size_t size) {
  OpCost cost = each(numel(a.walk), 1, 2, size);
  cost.bytes += double(numel(a.walk));
  return cost;
}
OpCost op_cost(const WhereArgs& a, std::size_t size) {
  OpCost cost = each(a.n, 0, 1 + reads(a.a) + reads(a.b) + reads(a.beta), size);
  cost.bytes += double(a.n);
  return cost;
}
OpCost op_cost(const FillArgs& a, std::size_t size) { return each(a.n, 0, 1, size); }
OpCost op_cost(const AxpyArgs& a, std::size_t size) {
  return each(a.n, 1 + reads(a.beta), 2 + reads(a.beta), size);
}
OpCost op_cost(const CastArgs& a, std::size_t) {
  return {0, double(a.n) * double(size_of(a.from) + size_of(a.to))};
}

OpCost op_cost(const CopyArgs& a, std::size_t size) {
  return each(product(a.dims, a.rank), reads(a.beta), 2 + reads(a.beta), size);
}
OpCost op_cost(const GatherArgs& a, std::size_t size) {
  return each(a.outer * a.count * a.inner, 0, 2, size);
}
OpCost op_cost(const GatherGradArgs& a, std::size_t size) {
  return each(a.outer * a.count * a.inner, 1, 3, size);
}

OpCost op_cost(const ReduceArgs& a, std::size_t size) {
  return each(product(a.dims, a.rank), 1, 1, size);
}
OpCost op_cost(const ArgmaxArgs& a, std::size_t size) {
  return each(a.outer * a.axis * a.inner, 1, 1, size);
}
OpCost op_cost(const SquareSumArgs& a, std::size_t size) { return each(a.n, 2, 1, size); }

OpCost op_cost(const SoftmaxArgs& a, std::size_t size) { return each(a.rows * a.cols, 4, 2, size); }
OpCost op_cost(const SoftmaxGradArgs& a, std::size_t size) {
  return each(a.rows * a.cols, 4, 3 + reads(a.beta), size);
}
OpCost op_cost(const SoftmaxXentArgs& a, std::size_t size) {
  return each(a.rows * a.cols, 5, 1 + reads(a.t.targets), size);
}
OpCost op_cost(const SoftmaxXentGradArgs& a, std::size_t size) {
  return each(a.rows * a.cols, 6, 2 + reads(a.t.targets) + reads(a.beta), size);
}
OpCost op_cost(const RowLossArgs& a, std::size_t size) {
  return each(a.rows * a.cols, 4, 1 + reads(a.t.targets), size);
}
OpCost op_cost(const RowLossGradArgs& a, std::size_t size) {
  return each(a.rows * a.cols, 5, 2 + reads(a.t.targets) + reads(a.beta), size);
}

OpCost op_cost(const GemmArgs& a, std::size_t size) {
  const double batch = double(a.batch), m = double(a.m), n = double(a.n), k = double(a.k);
  const double factors =
      m * k * (a.a_stride == 0 ? 1 : batch) + k * n * (a.c_stride == 0 ? 1 : batch);
  const double results = m * n * (a.y_stride == 0 ? 1 : batch) * (1 + reads(a.beta));
  return {2 * batch * m * n * k,
          factors * double(size) + results * double(a.y_f32 ? sizeof(float) : size)};
}

OpCost op_cost(const Conv2dArgs& a, std::size_t size) {
  const double x = double(a.n) * a.h * a.w * a.c, y = double(a.n) * a.oh * a.ow * a.oc;
  const double filter = double(a.kh) * a.kw * a.c / a.groups, weight = filter * a.oc;
  const double flop = 2 * y * filter, of_images = (x + y) * double(size);
  if (a.pass == ConvPass::grad_w)  // f32 beside bf16
    return {flop, of_images + weight * (1 + reads(a.beta)) * double(std::max(size, sizeof(float)))};
  const double added_to = a.pass == ConvPass::grad_x ? x * reads(a.beta) : 0;
  return {flop, of_images + (weight + added_to) * double(size)};
}

OpCost op_cost(const MaxPool2dArgs& a, std::size_t size) {
  return pool(a.g, window_flop(a.g), size, a.argmax, 0);
}
OpCost op_cost(const MaxPool2dGradArgs& a, std::size_t size) {
  return pool(a.g, double(y_numel(a.g)), size, true, a.beta);
}
OpCost op_cost(const AvgPool2dArgs& a, std::size_t size) {
  return pool(a.g, window_flop(a.g), size, false, 0);
}
OpCost op_cost(const AvgPool2dGradArgs& a, std::size_t size) {
  return pool(a.g, window_flop(a.g), size, false, a.beta);
}
OpCost op_cost(const Upsample2dArgs& a, std::size_t size) {
  const std::int64_t n = std::int64_t(a.n) * a.h * a.w * a.c;
  const double y = double(n) * a.sy * a.sx;
  return {a.bilinear ? 6 * y : 0, (double(n) + y) * double(size)};
}
OpCost op_cost(const Upsample2dGradArgs& a, std::size_t size) {
  const double x = double(a.n) * a.h * a.w * a.c, y = x * a.sy * a.sx;
  return {a.bilinear ? 6 * y : y, (x * (1 + reads(a.beta)) + y) * double(size)};
}

OpCost op_cost(const BatchNormArgs& a, std::size_t size) {
  const auto in = double(a.shape.rows() * a.shape.c), out = double(a.shape.outputs());
  // What the convolution left of x's moments takes the place of reading x for them.
  const double found = a.statistics.of_x && !a.statistics.tiles ? 1 : 0;
  return {(2 + 4 * found) * in,
          double(size) * (in * (1 + found + reads(a.residual)) + out) + out * reads(a.code)};
}
OpCost op_cost(const BatchNormGradArgs& a, std::size_t size) {
  const auto in = double(a.shape.rows() * a.shape.c), out = double(a.shape.outputs());
  const double written =
      reads(a.dx) * (1 + reads(a.dx_beta)) + reads(a.dresidual) * (1 + reads(a.dresidual_beta));
  return {9 * in, double(size) * (in * (1 + written) + out) + out * reads(a.code)};
}
OpCost op_cost(const LayerNormArgs& a, std::size_t size) { return each(a.rows * a.c, 6, 2, size); }
OpCost op_cost(const LayerNormGradArgs& a, std::size_t size) {
  return each(a.rows * a.c, 9, 2 + reads(a.dx) * (1 + reads(a.dx_beta)), size);
}
OpCost op_cost(const DropoutArgs& a, std::size_t size) {
  return each(a.n, 1, 2 + reads(a.beta), size);
}

OpCost op_cost(const AdamArgs& a, std::size_t size) { return each(a.n, 12, 7, size); }
OpCost op_cost(const SgdArgs& a, std::size_t size) {
  return each(a.n, 4, 3 + 2 * reads(a.velocity), size);
}
OpCost op_cost(const RmspropArgs& a, std::size_t size) {
  return each(a.n, 9, 5 + 2 * reads(a.mean_gradient) + 2 * reads(a.velocity), size);
}
OpCost op_cost(const AdagradArgs& a, std::size_t size) { return each(a.n, 6, 5, size); }

}  // namespace mien
