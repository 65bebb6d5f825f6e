#include "mien/ops/reduce.h"

#include <algorithm>

#include "lib/core/kernels_for.h"
#include "lib/ops/broadcasting.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

// What a reduction of x does to its shape.
struct Reduction {
  ReduceArgs args{};
  Shape kept, dropped;  // the result's shape with and without the reduced axes
  std::int64_t count;   // elements that become one
};

Reduction reduction_of(const char* op, const Tensor& x, const Axes& axes) {
  check_computes(op, x);
  const auto marks = mark_axes(op, x, axes);
  Reduction r;
  r.args.rank = x.rank();
  r.count = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool reduced = axes.empty() || marks[std::size_t(axis)];
    const std::int64_t size = x.shape()[axis];
    r.args.dims[axis] = size;
    r.args.reduced[axis] = reduced;
    r.kept.push_back(reduced ? 1 : size);
    if (reduced) r.count *= size;
    if (!reduced) r.dropped.push_back(size);
  }
  return r;
}

Tensor reduced(const char* op, ReduceOp kind, const Tensor& x, const Reduction& r, bool keepdims,
               double alpha = 1) {
  Tensor y = Tensor::empty(keepdims ? r.kept : r.dropped, x.options());
  ReduceArgs args = r.args;
  args.op = kind;
  args.x = x.raw();
  args.y = y.raw();
  args.alpha = alpha;
  run(op, x, &KernelTable::reduce, args);
  return y;
}

struct SumGrad {
  static constexpr const char* name = "sum";
  Shape kept;
  double alpha;

  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const Tensor each = alpha == 1 ? dy[0].view(kept) : scale_shift(dy[0], alpha, 0).view(kept);
    const GradSlot slot = dx.into(0);
    repeat_into(name, slot, each);
  }
};

Tensor sum_times(const char* op, const Tensor& x, const Reduction& r, bool keepdims, double alpha) {
  Tensor y = reduced(op, ReduceOp::sum, x, r, keepdims, alpha);
  return attach(y, {x}, SumGrad{r.kept, alpha});
}

struct ExtremeGrad {
  static constexpr const char* name = "extreme";
  Axes axes;
  Shape kept;
  SavedTensor x, y;

  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const Tensor here = equal(x.unpack(), y.unpack().view(kept)).to(dy[0].dtype());
    const Tensor ties = sum(here, axes, {.keepdims = true});
    dx.add(0, here * (dy[0].view(kept) / ties));
  }
};

Tensor extreme(const char* op, ReduceOp kind, const Tensor& x, const Axes& axes,
               const ReduceOptions& options) {
  const Reduction r = reduction_of(op, x, axes);
  MIEN_CHECK(r.count > 0, ShapeError, op, ": there is nothing to choose from in ", x.shape());
  Tensor y = reduced(op, kind, x, r, options.keepdims);
  return attach(y, {x}, ExtremeGrad{axes, r.kept, x, y});
}

struct VarGrad {
  static constexpr const char* name = "var";
  Shape kept;
  double scale;  // 2 / (n - ddof)
  SavedTensor centred;

  // The mean's own part vanishes: the deviations sum to zero.
  void backward(const GradIn& dy, GradOut& dx) {
    if (dx.wants(0)) dx.add(0, centred.unpack() * (dy[0].view(kept) * scale));
  }
};

}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, const ReduceOptions& options) {
  return sum_times("sum", x, reduction_of("sum", x, axes), options.keepdims, 1);
}

Tensor mean(const Tensor& x, const Axes& axes, const ReduceOptions& options) {
  const Reduction r = reduction_of("mean", x, axes);
  return sum_times("mean", x, r, options.keepdims, 1 / double(r.count));
}

Tensor max(const Tensor& x, const Axes& axes, const ReduceOptions& options) {
  return extreme("max", ReduceOp::max, x, axes, options);
}
Tensor min(const Tensor& x, const Axes& axes, const ReduceOptions& options) {
  return extreme("min", ReduceOp::min, x, axes, options);
}

Tensor var(const Tensor& x, const Axes& axes, const VarOptions& options) {
  const Reduction r = reduction_of("var", x, axes);
  MIEN_CHECK(0 <= options.ddof && options.ddof < r.count, ValueError,
             "var: ddof must be at least 0 and below the ", r.count, " elements of ", x.shape(),
             " that become one; got ", options.ddof);
  Tensor centred, y;
  const double divisor = double(r.count - options.ddof);
  {
    const NoGradGuard quiet;
    centred = x - reduced("var", ReduceOp::sum, x, r, true, 1 / double(r.count));
    y = reduced("var", ReduceOp::sum, square(centred), r, options.keepdims, 1 / divisor);
  }
  return attach(y, {x}, VarGrad{r.kept, 2 / divisor, centred});
}

Tensor argmax(const Tensor& x, int axis) {
  check_computes("argmax", x);
  const int at = check_axis("argmax", x, axis);
  const Shape before = x.shape().slice(0, at), after = x.shape().slice(at + 1);
  const std::int64_t size = x.shape()[at];
  MIEN_CHECK(size > 0, ShapeError, "argmax: there is nothing to choose from in ", x.shape());
  Tensor y = Tensor::empty(join(before, after), {.dtype = DType::i32, .device = x.device()});
  run("argmax", x, &KernelTable::argmax,
      ArgmaxArgs{.outer = before.numel(),
                 .axis = size,
                 .inner = after.numel(),
                 .x = x.raw(),
                 .y = static_cast<std::int32_t*>(y.raw())});
  return y;
}

}  // namespace mien
