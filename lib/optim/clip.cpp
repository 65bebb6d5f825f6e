#include "lib/optim/clip.h"

#include <cmath>

#include "lib/core/kernels_for.h"

namespace mien::optim {
namespace {

double square_sum(const Tensor& x) {
  const Tensor out = Tensor::zeros({1}, {.dtype = DType::f64, .device = x.device()});
  run("clip", x, &KernelTable::square_sum,
      SquareSumArgs{.n = x.numel(), .x = x.raw(), .y = static_cast<double*>(out.raw())});
  return out.item();
}

// Not "norm <= limit ? 1": a NaN must not become a scale.
double scale_for(double norm, double limit) { return norm > limit ? limit / norm : 1.0; }

}  // namespace

double clip_gradients(std::vector<Flat>& flats, const OptimizerOptions& options) {
  if (options.global_clipnorm > 0) {
    double sum = 0;
    for (const Flat& flat : flats) sum += square_sum(flat.gradients);
    return scale_for(std::sqrt(sum), options.global_clipnorm);
  }
  for (const Flat& flat : flats) {
    const Tensor& all = flat.gradients;
    if (options.clipvalue > 0)
      run("clip", all, &KernelTable::unary,
          UnaryArgs{.op = UnaryOp::clip,
                    .n = all.numel(),
                    .x = all.raw(),
                    .y = all.raw(),
                    .alpha = -options.clipvalue,
                    .beta_ = options.clipvalue});
    if (options.clipnorm <= 0) continue;
    for (const FlatParameter& each : flat.parameters) {
      if (!each.trainable) continue;
      const Tensor g = Flat::part(all, each);
      const double scale = scale_for(std::sqrt(square_sum(g)), options.clipnorm);
      if (scale != 1)
        run("clip", g, &KernelTable::axpy,
            AxpyArgs{.n = g.numel(), .alpha = scale, .x = g.raw(), .y = g.raw(), .beta = 0});
    }
  }
  return 1;
}

}  // namespace mien::optim
