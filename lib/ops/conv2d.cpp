#include "mien/ops/conv2d.h"

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "lib/core/moments_note.h"
#include "lib/ops/checks.h"
#include "lib/ops/column_sum.h"
#include "lib/ops/conv2d_args.h"
#include "lib/ops/geometry.h"
#include "lib/runtime/allocator.h"
#include "mien/autograd.h"
#include "mien/runtime.h"

namespace mien {

Conv2dArgs conv2d_args(const char* op, const Shape& x, const Shape& weight,
                       const Conv2dOptions& options) {
  MIEN_CHECK(x.rank() == 4, ShapeError, op, ": input must be [N, H, W, C]; got ", x);
  MIEN_CHECK(weight.rank() == 4, ShapeError, op, ": weight must be [KH, KW, C / groups, OC]; got ",
             weight);
  const std::int64_t c = x[3], oc = weight[3], groups = options.groups;
  MIEN_CHECK(groups >= 1, ValueError, op, ": groups must be at least 1; got ", groups);
  MIEN_CHECK(c >= 1 && oc >= 1 && weight[2] * groups == c, ShapeError, op, ": input ", x, " has ",
             c, " channels; weight ", weight, " wants ", weight[2] * groups,
             groups > 1 ? concat(" in ", groups, " groups") : "");
  MIEN_CHECK(oc % groups == 0, ShapeError, op, ": ", groups, " groups do not divide the ", oc,
             " filters of weight ", weight);
  MIEN_CHECK(weight.numel() <= 0x7fffffff, ShapeError, op, ": weight ", weight, " is too large");
  const std::array<int, 2> size{int(weight[0]), int(weight[1])};
  const Slide2d slide = slide2d(op, x,
                                {.size = size,
                                 .stride = options.stride,
                                 .dilation = options.dilation,
                                 .padding = options.padding,
                                 .pads = options.pads});
  return {.n = int(x[0]),
          .h = int(x[1]),
          .w = int(x[2]),
          .c = int(c),
          .oh = slide.outputs[0],
          .ow = slide.outputs[1],
          .oc = int(oc),
          .kh = size[0],
          .kw = size[1],
          .sh = options.stride[0],
          .sw = options.stride[1],
          .dh = options.dilation[0],
          .dw = options.dilation[1],
          .pt = slide.before[0],
          .pl = slide.before[1],
          .groups = int(groups),
          .pass = ConvPass::forward,
          .math = conv_math(),
          .x = nullptr,
          .weight = nullptr,
          .y = nullptr,
          .bias = nullptr,
          .beta = 0,
          .matmul = float32_matmul()};
}

namespace {

const char* profile_name(ConvPass pass) {
  return pass == ConvPass::forward  ? "conv2d forward"
         : pass == ConvPass::grad_x ? "conv2d grad_x"
                                    : "conv2d grad_w";
}

}  // namespace

void run_conv2d(const char* op, const Tensor& like, const Conv2dArgs& args) {
  const KernelTable& kernels = kernels_for(like);
  MIEN_CHECK(kernels.conv2d, DTypeError, op, ": not defined for ", like.dtype(), " tensors on ",
             like.device());
  const Plan plan = kernels.conv2d_plan(args);
  const ProfiledOp timed(profile_name(args.pass), [&] {
    OpCost cost = op_cost(args, size_of(like.dtype()));
    cost.how = kernels.conv2d_name(args, plan);
    return cost;
  });
  const Scratch scratch(like.device(), plan.scratch);
  kernels.conv2d(args, plan, scratch.get(), stream_of(like));
}

namespace {

// The kernel's pointers serve for reading and for writing, by pass.
void* readable(const SavedTensor& saved) { return const_cast<void*>(saved.raw()); }

struct Conv2dGrad {
  static constexpr const char* name = "conv2d";
  Conv2dArgs args;
  SavedTensor x, weight;  // only what the other's gradient needs

  void backward(const GradIn& dy, GradOut& dx) {
    args.y = dy[0].raw();
    if (dx.wants(2)) column_sum(name, dy[0], dx.into(2));
    if (dx.wants(1)) {
      const GradSlot slot = dx.into(1);
      args.pass = ConvPass::grad_w;
      args.x = readable(x);
      args.weight = slot.raw();
      args.beta = slot.beta;
      run_conv2d(name, dy[0], args);
    }
    x = SavedTensor();  // of the size of its gradient, which may take its place
    if (dx.wants(0)) {
      const GradSlot slot = dx.into(0);
      args.pass = ConvPass::grad_x;
      args.x = slot.raw();
      args.weight = readable(weight);
      args.beta = slot.beta;
      run_conv2d(name, dy[0], args);
    }
  }
};

// Where the device leaves the moments of y, noted on it; null where this convolution cannot.
float* moments_of(const Tensor& y, const Tensor& x, const Conv2dArgs& args) {
  const auto plan = kernels_for(x).conv2d_plan;
  const std::int64_t tiles = plan ? plan(args).moment_tiles : 0;
  if (tiles == 0) return nullptr;
  const Tensor moments =
      Tensor::empty({tiles * (2 * std::int64_t(args.oc) + 1)}, weight_options(x));
  note_moments(y, moments);
  return static_cast<float*>(moments.raw());
}

Shape shape_of(const Conv2dArgs& args) { return {args.n, args.oh, args.ow, args.oc}; }

Tensor convolve(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                const Conv2dOptions& options) {
  check_computes(op, x);
  check_weight(op, "weight", x, weight);
  Conv2dArgs args = conv2d_args(op, x.shape(), weight.shape(), options);
  if (bias.defined()) {
    check_weight(op, "bias", x, bias);
    MIEN_CHECK(bias.shape() == Shape{args.oc}, ShapeError, op, ": bias must be ", Shape{args.oc},
               " for weight ", weight.shape(), "; got ", bias.shape());
  }
  Tensor y = Tensor::empty(shape_of(args), x.options());
  const Tensor factor = factor_of(x, weight);
  args.x = x.raw();
  args.weight = factor.raw();
  args.y = y.raw();
  args.bias = bias.defined() ? bias.raw() : nullptr;
  if (options.moments) args.moments = moments_of(y, x, args);
  run_conv2d(op, x, args);
  args.moments = nullptr;
  if (!needs_node({x, weight, bias})) return y;
  attach(y, {x, weight, bias},
         Conv2dGrad{args, weight.needs_grad() ? SavedTensor(x) : SavedTensor(),
                    x.needs_grad() ? SavedTensor(factor) : SavedTensor()});
  adds_bias(y, 2);
  return y;
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  return convolve("conv2d", x, weight, bias, options);
}

Tensor depthwise_conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Conv2dOptions& options) {
  constexpr const char* op = "depthwise_conv2d";
  check_rank(op, x, 4, "[N, H, W, C]");
  MIEN_CHECK(weight.rank() == 4, ShapeError, op, ": weight must be [KH, KW, C, multiplier]; got ",
             weight.shape());
  const Shape& w = weight.shape();
  MIEN_CHECK(w[2] == x.shape()[3], ShapeError, op, ": input ", x.shape(), " has ", x.shape()[3],
             " channels; weight ", w, " wants ", w[2]);
  MIEN_CHECK(options.groups == 1, ValueError, op, ": groups follow from the input; got ",
             options.groups);
  Conv2dOptions grouped = options;
  grouped.groups = int(w[2]);
  return convolve(op, x, weight.view({w[0], w[1], 1, w[2] * w[3]}), bias, grouped);
}

Shape conv2d_shape(const Shape& x, const Shape& weight, const Conv2dOptions& options) {
  return shape_of(conv2d_args("conv2d", x, weight, options));
}

Conv2dAlgorithms conv2d_algorithms(const Shape& x, const Shape& weight,
                                   const Conv2dOptions& options, const TensorOptions& like) {
  constexpr const char* op = "conv2d_algorithms";
  Conv2dArgs args = conv2d_args(op, x, weight, options);
  const Device device = like.device.value_or(default_device());
  const KernelTable& kernels = kernels_for(device, like.dtype);
  MIEN_CHECK(kernels.conv2d, DTypeError, op, ": not defined for ", like.dtype, " tensors on ",
             device);
  const auto name = [&](ConvPass pass) {
    args.pass = pass;
    return kernels.conv2d_name(args, kernels.conv2d_plan(args));
  };
  return {name(ConvPass::forward), name(ConvPass::grad_x), name(ConvPass::grad_w)};
}

}  // namespace mien
