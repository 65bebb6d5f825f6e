#include "mien/ops/batch_norm.h"

#include "lib/core/kernels_for.h"
#include "lib/core/moments_note.h"
#include "lib/ops/checks.h"
#include "lib/ops/norm.h"
#include "mien/autograd.h"
#include "mien/ops/elementwise.h"

namespace mien {
namespace {

struct BatchNormGrad {
  static constexpr const char* name = "batch_norm";
  NormShape shape;
  SavedTensor x, y, mean, variance, gamma, beta, code;  // y where it pools
  double epsilon, rate;
  bool through_statistics;

  void backward(const GradIn& dy, GradOut& dx) {
    const Tensor input = x.unpack();
    x = SavedTensor();  // so that its bytes may become those of dx
    NormSlots to(dx, {&input, &dy[0]});
    GradSlot residual;
    if (dx.wants(3)) residual = dx.reuse(3, dy[0]) ? GradSlot{dy[0], 0.0} : dx.into(3);
    const TensorOptions sums = weight_options(dy[0]);
    const Tensor scratch = Tensor::empty({shape.grad_scratch()}, sums);
    GradSlot bias;
    if (to.dx && to.dx_beta == 0) bias = dx.bias_of(0);
    run(name, dy[0], &KernelTable::batch_norm_grad,
        BatchNormGradArgs{
            .shape = shape,
            .dy = dy.raw(),
            .x = input.raw(),
            .y = y.defined() ? y.raw() : nullptr,
            .mean = mean.raw(),
            .variance = variance.raw(),
            .gamma = gamma.defined() ? gamma.raw() : nullptr,
            .beta_ = beta.defined() ? beta.raw() : nullptr,
            .code = code.defined() ? static_cast<const std::uint8_t*>(code.raw()) : nullptr,
            .epsilon = epsilon,
            .rate = rate,
            .through_statistics = through_statistics,
            .dx = to.dx,
            .dresidual = residual.grad.defined() ? residual.raw() : nullptr,
            .dgamma = to.dgamma,
            .dbeta = to.dbeta,
            .dx_sum = bias.grad.defined() ? bias.raw() : nullptr,
            .dx_beta = to.dx_beta,
            .dresidual_beta = residual.beta,
            .dgamma_beta = to.dgamma_beta,
            .dbeta_beta = to.dbeta_beta,
            .dx_sum_beta = bias.beta,
            .scratch = scratch.raw()});
  }
};

void check_options(const char* op, const Tensor& x, const BatchNormOptions& options) {
  MIEN_CHECK(options.mean.defined() == options.variance.defined(), ValueError, op,
             ": mean and variance must be given together");
  if (options.mean.defined()) {
    check_norm_vector(op, "mean", x, options.mean);
    check_norm_vector(op, "variance", x, options.variance);
  }
  MIEN_CHECK(options.moving_mean.defined() == options.moving_variance.defined(), ValueError, op,
             ": moving mean and variance must be given together");
  if (options.moving_mean.defined()) {
    check_norm_vector(op, "moving_mean", x, options.moving_mean);
    check_norm_vector(op, "moving_variance", x, options.moving_variance);
  }
  if (options.residual.defined()) {
    check_same_kind(op, x, options.residual);
    MIEN_CHECK(options.residual.shape() == x.shape(), ShapeError, op,
               ": residual must be of the input's shape ", x.shape(), "; got ",
               options.residual.shape());
  }
  if (options.max_pool) {
    check_rank(op, x, 4, "[N, H, W, C] where it pools");
    MIEN_CHECK(x.shape()[1] >= 2 && x.shape()[2] >= 2, ShapeError, op,
               ": a window of 2x2 does not fit into input ", x.shape());
  }
  const double rate = options.dropout;
  MIEN_CHECK(0 <= rate && rate < 1, ValueError, op, ": dropout must be in [0, 1); got ", rate);
  MIEN_CHECK(rate == 0 || options.random, ValueError, op, ": dropout needs a generator");
}

NormShape shape_of(const Tensor& x, bool pool) {
  const Shape& s = x.shape();
  if (pool) return {s[0], s[1], s[2], s[3], true};
  return {norm_rows(s), 1, 1, s[-1], false};
}

// In steps of the ops', to whose bits trainings on the CPU are held.
void move_towards(Tensor moving, const Tensor& batch, double momentum) {
  const NoGradGuard quiet;
  moving.copy_from(moving * momentum + batch * (1.0 - momentum));
}

// The batch's mean and variance, which the kernel is to find, or those given.
NormStatistics prepare_statistics(const Tensor& x, const BatchNormOptions& options,
                                  BatchNormResult& out, Tensor& scratch) {
  if (options.mean.defined()) {
    out.mean = options.mean.detach();
    out.variance = options.variance.detach();
    return {};
  }
  const std::int64_t c = x.shape()[-1], rows = norm_rows(x.shape());
  const TensorOptions sums = weight_options(x);
  out.mean = Tensor::empty({c}, sums);
  out.variance = Tensor::empty({c}, sums);
  NormStatistics found{.of_x = true};
  if (x.device() == kCpu) {
    scratch = Tensor::empty({norm_scratch(rows, c)}, sums);
    found.scratch = scratch.raw();
    return found;
  }
  scratch = noted_moments(x);
  if (scratch.defined()) {
    found.tiles = static_cast<const float*>(scratch.raw());
    found.tile_count = int(scratch.numel() / (2 * c + 1));
  }
  if (options.moving_mean.defined()) {
    found.moving_mean = options.moving_mean.raw();
    found.moving_variance = options.moving_variance.raw();
    found.momentum = options.momentum;
    options.moving_mean.mark_modified();
    options.moving_variance.mark_modified();
  }
  return found;
}

}  // namespace

BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                           const BatchNormOptions& options) {
  const char* op = BatchNormGrad::name;
  check_norm_inputs(op, x, options.epsilon, gamma, beta);
  check_options(op, x, options);
  const Tensor& residual = options.residual;
  const NormShape shape = shape_of(x, options.max_pool);
  BatchNormResult out;
  Tensor scratch;
  const NormStatistics statistics = prepare_statistics(x, options, out, scratch);
  Shape y = x.shape();
  if (options.max_pool) y = {shape.n, shape.h / 2, shape.w / 2, shape.c};
  out.y = Tensor::empty(y, x.options());
  const bool record = needs_node({x, gamma, beta, residual});
  const bool plain = !options.relu && !options.max_pool && options.dropout == 0;
  Tensor code;
  if (record && !plain) code = Tensor::empty(y, {.dtype = DType::u8, .device = x.device()});
  const PhiloxKey key = options.dropout > 0 ? options.random->reserve() : PhiloxKey();
  run(op, x, &KernelTable::batch_norm,
      BatchNormArgs{.shape = shape,
                    .x = x.raw(),
                    .mean = out.mean.raw(),
                    .variance = out.variance.raw(),
                    .gamma = gamma.defined() ? gamma.raw() : nullptr,
                    .beta_ = beta.defined() ? beta.raw() : nullptr,
                    .residual = residual.defined() ? residual.raw() : nullptr,
                    .epsilon = options.epsilon,
                    .relu = options.relu,
                    .dropout = {options.dropout, key.seed, key.stream, key.shift},
                    .y = out.y.raw(),
                    .code = code.defined() ? static_cast<std::uint8_t*>(code.raw()) : nullptr,
                    .statistics = statistics});
  const bool own = statistics.of_x;
  if (own && options.moving_mean.defined() && x.device() == kCpu) {
    move_towards(options.moving_mean, out.mean, options.momentum);
    move_towards(options.moving_variance, out.variance, options.momentum);
  }
  if (!record) return out;
  // Given statistics are most likely moving ones, which may move before the backward.
  BatchNormGrad node{.shape = shape,
                     .x = x,
                     .y = {},
                     .mean = own ? out.mean : out.mean.clone(),
                     .variance = own ? out.variance : out.variance.clone(),
                     .gamma = {},
                     .beta = {},
                     .code = {},
                     .epsilon = options.epsilon,
                     .rate = options.dropout,
                     .through_statistics = own};
  if (gamma.defined()) node.gamma = gamma;
  // A quarter of x: its winners can be told from it.
  if (options.max_pool && !residual.defined()) {
    node.y = out.y;
    if (beta.defined()) node.beta = beta;
  }
  if (code.defined()) node.code = code;
  attach(out.y, {x, apart(gamma, x), apart(apart(beta, x), gamma), apart(residual, x)},
         std::move(node));
  return out;
}

}  // namespace mien
