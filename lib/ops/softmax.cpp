#include <algorithm>

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/ops/activations.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

struct SoftmaxGrad {
  static constexpr const char* name = "softmax";
  bool log;
  SavedTensor y;

  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const bool in_place = dx.reuse(0, dy[0]);
    const GradSlot slot = in_place ? GradSlot{dy[0], 0.0} : dx.into(0);
    const std::int64_t cols = y.shape()[-1];
    run(name, dy[0], &KernelTable::softmax_grad,
        SoftmaxGradArgs{.rows = cols ? dy[0].numel() / cols : 0,
                        .cols = cols,
                        .log = log,
                        .dy = dy.raw(),
                        .y = y.raw(),
                        .dx = slot.raw(),
                        .beta = slot.beta});
  }
};

Tensor softmax_along(const char* name, bool log, const Tensor& x, int axis) {
  check_computes(name, x);
  const int at = check_axis(name, x, axis);
  if (at != x.rank() - 1) {  // the kernel takes rows: the axis goes to the end and back
    Axes order;
    for (int i = 0; i < x.rank(); ++i) order.push_back(i);
    std::swap(order[std::size_t(at)], order[order.size() - 1]);
    return transpose(softmax_along(name, log, transpose(x, order), -1), order);
  }
  const std::int64_t cols = x.shape()[-1];
  Tensor y = Tensor::empty(x.shape(), x.options());
  run(name, x, &KernelTable::softmax,
      SoftmaxArgs{.rows = cols ? x.numel() / cols : 0,
                  .cols = cols,
                  .log = log,
                  .x = x.raw(),
                  .y = y.raw()});
  return attach(y, {x}, SoftmaxGrad{log, y});
}

}  // namespace

Tensor softmax(const Tensor& x, int axis) { return softmax_along("softmax", false, x, axis); }
Tensor log_softmax(const Tensor& x, int axis) {
  return softmax_along("log_softmax", true, x, axis);
}

}  // namespace mien
