#include "mien/ops/conv2d_transpose.h"

#include <algorithm>
#include <limits>

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "lib/ops/column_sum.h"
#include "lib/ops/conv2d_args.h"
#include "mien/autograd.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

constexpr const char* kOp = "conv2d_transpose";

// Rows or columns of the result.
std::int64_t result_size(const Shape& x, const Shape& weight, const Conv2dTransposeOptions& o,
                         int axis) {
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  const auto i = std::size_t(axis);
  const std::int64_t size = x[axis + 1], stride = o.stride[i], dilation = o.dilation[i];
  MIEN_CHECK(stride >= 1, ValueError, kOp, ": stride must be at least 1; got ", stride);
  MIEN_CHECK(dilation >= 1, ValueError, kOp, ": dilation must be at least 1; got ", dilation);
  MIEN_CHECK(size >= 1 && weight[axis] >= 1 && size <= most && weight[axis] <= most, ShapeError,
             kOp, ": input ", x, " and weight ", weight,
             " must have rows and columns, of each up to 2147483647");
  MIEN_CHECK(stride <= most / size && dilation <= most / weight[axis], ShapeError, kOp,
             ": sizes up to 2147483647 are supported; got input ", x, " with stride ", stride,
             " and weight ", weight, " with dilation ", dilation);
  const std::int64_t reach = dilation * (weight[axis] - 1) + 1, begins = (size - 1) * stride;
  if (!o.output_padding) {
    if (o.padding == Padding::same) return size * stride;
    if (o.padding == Padding::valid) return begins + std::max(reach, stride);
  }
  const std::int64_t more = o.output_padding ? (*o.output_padding)[i] : 0;
  MIEN_CHECK(more >= 0 && more < stride, ValueError, kOp,
             ": output_padding must be at least 0 and below the stride; got ", more,
             " for a stride of ", stride);
  if (o.padding == Padding::same) return begins + reach % 2 + more;
  return begins + reach - o.pads[2 * i] - o.pads[2 * i + 1] + more;
}

// Of the convolution from the result to x.
Conv2dArgs transposed_args(const Shape& x, const Shape& weight, const Conv2dTransposeOptions& o) {
  MIEN_CHECK(x.rank() == 4, ShapeError, kOp, ": input must be [N, H, W, C]; got ", x);
  MIEN_CHECK(weight.rank() == 4, ShapeError, kOp, ": weight must be [KH, KW, OC / groups, C]; got ",
             weight);
  MIEN_CHECK(weight[3] == x[3], ShapeError, kOp, ": input ", x, " has ", x[3], " channels; weight ",
             weight, " wants ", weight[3]);
  MIEN_CHECK(o.groups >= 1, ValueError, kOp, ": groups must be at least 1; got ", o.groups);
  MIEN_CHECK(o.padding != Padding::causal, ValueError, kOp,
             ": padding must be valid, same or custom");
  const Shape y{x[0], std::max<std::int64_t>(result_size(x, weight, o, 0), 0),
                std::max<std::int64_t>(result_size(x, weight, o, 1), 0), weight[2] * o.groups};
  const Conv2dArgs args = conv2d_args(kOp, y, weight,
                                      {.stride = o.stride,
                                       .dilation = o.dilation,
                                       .groups = o.groups,
                                       .padding = o.padding,
                                       .pads = o.pads});
  MIEN_CHECK(args.oh == x[1] && args.ow == x[2], ShapeError, kOp, ": a result of ", y,
             " would come from [", args.oh, ", ", args.ow, "], not from input ", x,
             "; another output_padding is needed");
  return args;
}

Shape result_shape(const Conv2dArgs& args) { return {args.n, args.h, args.w, args.c}; }

struct Conv2dTransposeGrad {
  static constexpr const char* name = kOp;
  Conv2dArgs args;        // of the convolution from the result to x
  SavedTensor x, weight;  // only what the other's gradient needs

  void backward(const GradIn& dy, GradOut& dx) {
    args.x = dy[0].raw();
    if (dx.wants(2)) column_sum(name, dy[0], dx.into(2));
    if (dx.wants(1)) {
      const GradSlot slot = dx.into(1);
      args.pass = ConvPass::grad_w;
      args.y = const_cast<void*>(x.raw());
      args.weight = slot.raw();
      args.beta = slot.beta;
      run_conv2d(name, dy[0], args);
    }
    x = SavedTensor();  // of the size of its gradient, which may take its place
    if (dx.wants(0)) {
      Tensor gradient = Tensor::empty({args.n, args.oh, args.ow, args.oc}, dy[0].options());
      args.pass = ConvPass::forward;
      args.y = gradient.raw();
      args.weight = const_cast<void*>(weight.raw());
      run_conv2d(name, dy[0], args);
      dx.add(0, gradient);
    }
  }
};

}  // namespace

Tensor conv2d_transpose(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Conv2dTransposeOptions& options) {
  check_computes(kOp, x);
  check_weight(kOp, "weight", x, weight);
  Conv2dArgs args = transposed_args(x.shape(), weight.shape(), options);
  Tensor y;
  if (bias.defined()) {
    check_weight(kOp, "bias", x, bias);
    MIEN_CHECK(bias.shape() == Shape{args.c}, ShapeError, kOp, ": bias must be ", Shape{args.c},
               " for weight ", weight.shape(), "; got ", bias.shape());
    const NoGradGuard quiet;
    y = broadcast_to(bias.to(x.dtype()), result_shape(args));
  } else {
    y = Tensor::empty(result_shape(args), x.options());
  }
  args.pass = ConvPass::grad_x;
  args.x = y.raw();
  const Tensor factor = factor_of(x, weight);
  args.weight = factor.raw();
  args.y = x.raw();
  args.beta = bias.defined() ? 1 : 0;
  run_conv2d(kOp, x, args);
  if (!needs_node({x, weight, bias})) return y;
  return attach(y, {x, weight, bias},
                Conv2dTransposeGrad{args, weight.needs_grad() ? SavedTensor(x) : SavedTensor(),
                                    x.needs_grad() ? SavedTensor(factor) : SavedTensor()});
}

Shape conv2d_transpose_shape(const Shape& x, const Shape& weight,
                             const Conv2dTransposeOptions& options) {
  return result_shape(transposed_args(x, weight, options));
}

}  // namespace mien
