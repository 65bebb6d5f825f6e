#include "lib/ops/unary.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/ops/elementwise.h"

namespace mien {
namespace {

struct UnaryGrad {
  static constexpr const char* name = "elementwise";
  UnaryOp op;
  double alpha, beta;
  SavedTensor kept;

  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const bool in_place = dx.reuse(0, dy[0]);
    const GradSlot slot = in_place ? GradSlot{dy[0], 0.0} : dx.into(0);
    const void* from = kept.defined() ? kept.raw() : nullptr;
    run(name, dy[0], &KernelTable::unary_grad,
        UnaryGradArgs{.op = op,
                      .n = dy[0].numel(),
                      .dy = dy.raw(),
                      .x = from,
                      .y = from,
                      .dx = slot.raw(),
                      .beta = slot.beta,
                      .alpha = alpha,
                      .beta_ = beta});
  }
};

}  // namespace

Tensor unary(const char* op_name, UnaryOp op, const Tensor& x, double alpha, double beta) {
  check_computes(op_name, x);
  Tensor y = Tensor::empty(x.shape(), x.options());
  run(op_name, x, &KernelTable::unary,
      UnaryArgs{
          .op = op, .n = x.numel(), .x = x.raw(), .y = y.raw(), .alpha = alpha, .beta_ = beta});
  if (!needs_node({x})) return y;
  const Keeps kept = keeps(op);
  return attach(
      y, {x},
      UnaryGrad{op, alpha, beta,
                kept == Keeps::nothing ? SavedTensor() : SavedTensor(kept == Keeps::x ? x : y)});
}

Tensor scale_shift(const Tensor& x, double scale, double shift) {
  return unary("scale_shift", UnaryOp::scale_shift, x, scale, shift);
}
Tensor pow(const Tensor& x, double exponent) { return unary("pow", UnaryOp::pow, x, exponent); }
Tensor neg(const Tensor& x) { return unary("neg", UnaryOp::neg, x); }
Tensor exp(const Tensor& x) { return unary("exp", UnaryOp::exp, x); }
Tensor log(const Tensor& x) { return unary("log", UnaryOp::log, x); }
Tensor sqrt(const Tensor& x) { return unary("sqrt", UnaryOp::sqrt, x); }
Tensor square(const Tensor& x) { return unary("square", UnaryOp::square, x); }
Tensor abs(const Tensor& x) { return unary("abs", UnaryOp::abs, x); }
Tensor sign(const Tensor& x) { return unary("sign", UnaryOp::sign, x); }
Tensor reciprocal(const Tensor& x) { return unary("reciprocal", UnaryOp::reciprocal, x); }

Tensor clip(const Tensor& x, double low, double high) {
  MIEN_CHECK(low <= high, ValueError, "clip: low must not be above high; got ", low, " and ", high);
  return unary("clip", UnaryOp::clip, x, low, high);
}

}  // namespace mien
