#include "mien/ops/batch_norm.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "lib/ops/norm.h"
#include "mien/autograd.h"

namespace mien {
namespace {

struct BatchNormGrad {
  static constexpr const char* name = "batch_norm";
  SavedTensor x, mean, variance, gamma;
  double epsilon;
  bool through_statistics;

  void backward(const GradIn& dy, GradOut& dx) {
    const std::int64_t c = x.shape()[-1], rows = norm_rows(x.shape());
    NormSlots to(dx, dy[0]);
    const Tensor scratch = Tensor::empty({norm_scratch(rows, c)}, dy[0].options());
    run(name, dy[0], &KernelTable::batch_norm_grad,
        BatchNormGradArgs{.rows = rows,
                          .c = c,
                          .dy = dy.raw(),
                          .x = x.raw(),
                          .mean = mean.raw(),
                          .variance = variance.raw(),
                          .gamma = gamma.defined() ? gamma.raw() : nullptr,
                          .epsilon = epsilon,
                          .through_statistics = through_statistics,
                          .dx = to.dx,
                          .dgamma = to.dgamma,
                          .dbeta = to.dbeta,
                          .dx_beta = to.dx_beta,
                          .dgamma_beta = to.dgamma_beta,
                          .dbeta_beta = to.dbeta_beta,
                          .scratch = scratch.raw()});
  }
};

}  // namespace

BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                           const BatchNormOptions& options) {
  const char* op = BatchNormGrad::name;
  check_norm_inputs(op, x, options.epsilon, gamma, beta);
  MIEN_CHECK(options.mean.defined() == options.variance.defined(), ValueError, op,
             ": mean and variance must be given together");
  const bool own = !options.mean.defined();
  const std::int64_t c = x.shape()[-1], rows = norm_rows(x.shape());
  BatchNormResult out;
  if (own) {
    out.mean = Tensor::empty({c}, x.options());
    out.variance = Tensor::empty({c}, x.options());
    const Tensor scratch = Tensor::empty({norm_scratch(rows, c)}, x.options());
    run(op, x, &KernelTable::moments,
        MomentsArgs{.rows = rows,
                    .c = c,
                    .x = x.raw(),
                    .mean = out.mean.raw(),
                    .variance = out.variance.raw(),
                    .scratch = scratch.raw()});
  } else {
    check_norm_vector(op, "mean", x, options.mean);
    check_norm_vector(op, "variance", x, options.variance);
    out.mean = options.mean.detach();
    out.variance = options.variance.detach();
  }
  out.y = Tensor::empty(x.shape(), x.options());
  run(op, x, &KernelTable::batch_norm,
      BatchNormArgs{.rows = rows,
                    .c = c,
                    .x = x.raw(),
                    .mean = out.mean.raw(),
                    .variance = out.variance.raw(),
                    .gamma = gamma.defined() ? gamma.raw() : nullptr,
                    .beta_ = beta.defined() ? beta.raw() : nullptr,
                    .epsilon = options.epsilon,
                    .y = out.y.raw()});
  if (!needs_node({x, gamma, beta})) return out;
  // Given statistics are most likely moving ones, which may move before the backward.
  BatchNormGrad node{.x = x,
                     .mean = own ? out.mean : out.mean.clone(),
                     .variance = own ? out.variance : out.variance.clone(),
                     .gamma = {},
                     .epsilon = options.epsilon,
                     .through_statistics = own};
  if (gamma.defined()) node.gamma = gamma;
  attach(out.y, {x, apart(gamma, x), apart(apart(beta, x), gamma)}, std::move(node));
  return out;
}

}  // namespace mien
