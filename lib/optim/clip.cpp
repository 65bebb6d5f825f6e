#include "lib/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "lib/core/kernels_for.h"

namespace mien::optim {
namespace {

void square_sum(const Tensor& x, const Tensor& out) {
  run("clip", x, &KernelTable::square_sum,
      SquareSumArgs{.n = x.numel(), .x = x.raw(), .y = static_cast<double*>(out.raw())});
}

Tensor room_for_sums(std::int64_t n, Device device) {
  return Tensor::empty({n}, {.dtype = DType::f64, .device = device});
}

double square_sum(const Tensor& x) {
  const Tensor out = room_for_sums(1, x.device());
  square_sum(x, out);
  return out.item();
}

// Not "norm <= limit ? 1": a NaN must not become a scale.
double scale_for(double norm, double limit) { return norm > limit ? limit / norm : 1.0; }

// The same on a device, of the norm over all that the sums are of; nothing is waited for.
Tensor scale_on_device(const Tensor& squares, double limit) {
  const Tensor scale = Tensor::empty({1}, {.device = squares.device()});
  run("clip", scale, &KernelTable::norm_scale,
      NormScaleArgs{.n = int(squares.numel()),
                    .squares = static_cast<const double*>(squares.raw()),
                    .limit = limit,
                    .scale = static_cast<float*>(scale.raw())});
  return scale;
}

bool on_one_device(const std::vector<Flat>& flats) {
  return flats.front().device != kCpu &&
         std::all_of(flats.begin(), flats.end(),
                     [&](const Flat& each) { return each.device == flats.front().device; });
}

GradientScale global_scale(const std::vector<Flat>& flats, double limit) {
  if (on_one_device(flats)) {
    const auto count = std::int64_t(flats.size());
    const Tensor squares = room_for_sums(count, flats.front().device);
    for (std::int64_t i = 0; i < count; ++i)
      square_sum(flats[std::size_t(i)].gradients, squares.slice(i, i + 1));
    return {.on_device = scale_on_device(squares, limit)};
  }
  double sum = 0;
  for (const Flat& flat : flats) sum += square_sum(flat.gradients);
  return {.value = scale_for(std::sqrt(sum), limit)};
}

void multiply(const Tensor& g, double factor, const float* live) {
  run("clip", g, &KernelTable::axpy,
      AxpyArgs{.n = g.numel(),
               .alpha = factor,
               .x = g.raw(),
               .y = g.raw(),
               .beta = 0,
               .live_scale = live});
}

void clip_norm(const Tensor& g, double limit) {
  if (g.device() == kCpu) {
    const double scale = scale_for(std::sqrt(square_sum(g)), limit);
    if (scale != 1) multiply(g, scale, nullptr);
    return;
  }
  const Tensor squares = room_for_sums(1, g.device());
  square_sum(g, squares);
  const GradientScale scale{.on_device = scale_on_device(squares, limit)};
  multiply(g, 1, scale.live());
}

}  // namespace

GradientScale clip_gradients(std::vector<Flat>& flats, const OptimizerOptions& options) {
  if (options.global_clipnorm > 0) return global_scale(flats, options.global_clipnorm);
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
    for (const FlatParameter& each : flat.parameters)
      if (each.trainable) clip_norm(Flat::part(all, each), options.clipnorm);
  }
  return {};
}

}  // namespace mien::optim
