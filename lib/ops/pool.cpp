#include "mien/ops/pool.h"

#include <algorithm>

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "lib/ops/geometry.h"
#include "mien/autograd.h"
#include "mien/ops/reduce.h"

namespace mien {
namespace {

struct MaxPool2dGrad {
  static constexpr const char* name = "max_pool2d";
  Pool2dGeometry geometry;
  SavedTensor argmax;  // u8: place inside the window

  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    run(name, dy[0], &KernelTable::max_pool2d_grad,
        MaxPool2dGradArgs{.g = geometry,
                          .dy = dy.raw(),
                          .argmax = static_cast<const std::uint8_t*>(argmax.raw()),
                          .dx = slot.raw(),
                          .beta = slot.beta});
  }
};

struct AvgPool2dGrad {
  static constexpr const char* name = "avg_pool2d";
  Pool2dGeometry geometry;

  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    run(name, dy[0], &KernelTable::avg_pool2d_grad,
        AvgPool2dGradArgs{.g = geometry, .dy = dy.raw(), .dx = slot.raw(), .beta = slot.beta});
  }
};

Pool2dGeometry geometry_of(const char* op, const Shape& x, const Pool2dOptions& options) {
  MIEN_CHECK(x.rank() == 4, ShapeError, op, ": input must be [N, H, W, C]; got ", x);
  Window2d window{.size = options.size,
                  .stride = options.stride,
                  .dilation = {1, 1},
                  .padding = options.padding,
                  .pads = options.pads};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (window.stride[axis] == 0) window.stride[axis] = window.size[axis];
    const int most = std::max(window.pads[2 * axis], window.pads[2 * axis + 1]);
    // A window with nothing but padding would have no maximum and no mean.
    MIEN_CHECK(most == 0 || most < window.size[axis], ValueError, op,
               ": pads must be smaller than the window; got ", most, " for a window of ",
               window.size[axis]);
  }
  const Slide2d slide = slide2d(op, x, window);
  return {.n = int(x[0]),
          .h = int(x[1]),
          .w = int(x[2]),
          .c = int(x[3]),
          .oh = slide.outputs[0],
          .ow = slide.outputs[1],
          .kh = window.size[0],
          .kw = window.size[1],
          .sh = window.stride[0],
          .sw = window.stride[1],
          .pt = slide.before[0],
          .pl = slide.before[1]};
}

Shape shape_of(const Pool2dGeometry& g) { return {g.n, g.oh, g.ow, g.c}; }

void check_images(const char* op, const Tensor& x) {
  check_computes(op, x);
  check_rank(op, x, 4, "[N, H, W, C]");
  MIEN_CHECK(x.shape()[1] > 0 && x.shape()[2] > 0, ShapeError, op, ": images of ", x.shape(),
             " are empty");
}

}  // namespace

Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options) {
  check_computes("max_pool2d", x);
  const Pool2dGeometry g = geometry_of("max_pool2d", x.shape(), options);
  MIEN_CHECK(std::int64_t(g.kh) * g.kw <= 256, ValueError,
             "max_pool2d: windows of up to 256 places are supported; got ", g.kh, " x ", g.kw);
  Tensor y = Tensor::empty(shape_of(g), x.options());
  const bool record = needs_node({x});
  const Tensor argmax =
      record ? Tensor::empty(y.shape(), {.dtype = DType::u8, .device = x.device()}) : Tensor();
  run("max_pool2d", x, &KernelTable::max_pool2d,
      MaxPool2dArgs{.g = g,
                    .x = x.raw(),
                    .y = y.raw(),
                    .argmax = record ? static_cast<std::uint8_t*>(argmax.raw()) : nullptr});
  if (!record) return y;
  return attach(y, {x}, MaxPool2dGrad{g, argmax});
}

Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options) {
  check_computes("avg_pool2d", x);
  const Pool2dGeometry g = geometry_of("avg_pool2d", x.shape(), options);
  Tensor y = Tensor::empty(shape_of(g), x.options());
  run("avg_pool2d", x, &KernelTable::avg_pool2d, AvgPool2dArgs{.g = g, .x = x.raw(), .y = y.raw()});
  return attach(y, {x}, AvgPool2dGrad{g});
}

Shape pool2d_shape(const Shape& x, const Pool2dOptions& options) {
  return shape_of(geometry_of("pool2d", x, options));
}

Tensor global_max_pool2d(const Tensor& x, const GlobalPool2dOptions& options) {
  check_images("global_max_pool2d", x);
  return max(x, {1, 2}, {.keepdims = options.keepdims});
}

Tensor global_avg_pool2d(const Tensor& x, const GlobalPool2dOptions& options) {
  check_images("global_avg_pool2d", x);
  return mean(x, {1, 2}, {.keepdims = options.keepdims});
}

}  // namespace mien
