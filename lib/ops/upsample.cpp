#include "mien/ops/upsample.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"

namespace mien {
namespace {

struct Upsample2dGrad {
  static constexpr const char* name = "upsample2d";
  Upsample2dArgs args;

  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    run(name, dy[0], &KernelTable::upsample2d_grad,
        Upsample2dGradArgs{.n = args.n,
                           .h = args.h,
                           .w = args.w,
                           .c = args.c,
                           .sy = args.sy,
                           .sx = args.sx,
                           .bilinear = args.bilinear,
                           .dy = dy.raw(),
                           .dx = slot.raw(),
                           .beta = slot.beta});
  }
};

}  // namespace

Tensor upsample2d(const Tensor& x, const Upsample2dOptions& options) {
  check_computes("upsample2d", x);
  check_rank("upsample2d", x, 4, "[N, H, W, C]");
  const Shape& s = x.shape();
  for (int axis = 0; axis < 2; ++axis) {
    const int factor = options.size[std::size_t(axis)];
    MIEN_CHECK(factor >= 1, ValueError, "upsample2d: factors must be at least 1; got ", factor);
    MIEN_CHECK(s[axis + 1] * factor <= 0x7fffffff, ShapeError, "upsample2d: ", s, " times ", factor,
               " is too large");
  }
  MIEN_CHECK(s[0] <= 0x7fffffff && s[3] <= 0x7fffffff, ShapeError, "upsample2d: ", s,
             " is too large");
  Tensor y =
      Tensor::empty({s[0], s[1] * options.size[0], s[2] * options.size[1], s[3]}, x.options());
  const Upsample2dArgs args{.n = int(s[0]),
                            .h = int(s[1]),
                            .w = int(s[2]),
                            .c = int(s[3]),
                            .sy = options.size[0],
                            .sx = options.size[1],
                            .bilinear = options.interpolation == Interpolation::bilinear,
                            .x = x.raw(),
                            .y = y.raw()};
  run("upsample2d", x, &KernelTable::upsample2d, args);
  return attach(y, {x}, Upsample2dGrad{args});
}

}  // namespace mien
