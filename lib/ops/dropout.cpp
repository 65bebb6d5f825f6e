#include "mien/ops/dropout.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"

namespace mien {
namespace {

void drop(const Tensor& x, const GradSlot& to, double rate, PhiloxKey key) {
  run("dropout", x, &KernelTable::dropout,
      DropoutArgs{.n = x.numel(),
                  .x = x.raw(),
                  .y = to.raw(),
                  .rate = rate,
                  .beta = to.beta,
                  .seed = key.seed,
                  .stream = key.stream,
                  .stream_shift = key.shift});
}

struct DropoutGrad {
  static constexpr const char* name = "dropout";
  double rate;
  PhiloxKey key;
  void backward(const GradIn& dy, GradOut& dx) {
    drop(dy[0], dx.reuse(0, dy[0]) ? GradSlot{dy[0], 0.0} : dx.into(0), rate, key);
  }
};

}  // namespace

Tensor dropout(const Tensor& x, double rate, Generator& random) {
  check_computes("dropout", x);
  MIEN_CHECK(0 <= rate && rate < 1, ValueError, "dropout: rate must be in [0, 1); got ", rate);
  if (rate == 0) return x;
  const PhiloxKey key = random.reserve();
  Tensor y = Tensor::empty(x.shape(), x.options());
  drop(x, {y, 0.0}, rate, key);
  return attach(y, {x}, DropoutGrad{rate, key});
}

}  // namespace mien
