#include "mien/ops/layer_norm.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/norm.h"

namespace mien {
namespace {

struct LayerNormGrad {
  static constexpr const char* name = "layer_norm";
  SavedTensor x, mean, rstd, gamma;

  void backward(const GradIn& dy, GradOut& dx) {
    const std::int64_t c = x.shape()[-1], rows = norm_rows(x.shape());
    NormSlots to(dx, {&dy[0]});
    const Tensor scratch = Tensor::empty({norm_scratch(rows, c)}, weight_options(dy[0]));
    run(name, dy[0], &KernelTable::layer_norm_grad,
        LayerNormGradArgs{.rows = rows,
                          .c = c,
                          .dy = dy.raw(),
                          .x = x.raw(),
                          .gamma = gamma.defined() ? gamma.raw() : nullptr,
                          .mean = mean.raw(),
                          .rstd = rstd.raw(),
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

Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                  const LayerNormOptions& options) {
  const char* op = LayerNormGrad::name;
  check_norm_inputs(op, x, options.epsilon, gamma, beta);
  const std::int64_t rows = norm_rows(x.shape());
  Tensor y = Tensor::empty(x.shape(), x.options());
  const TensorOptions sums = weight_options(x);
  const Tensor mean = Tensor::empty({rows}, sums), rstd = Tensor::empty({rows}, sums);
  run(op, x, &KernelTable::layer_norm,
      LayerNormArgs{.rows = rows,
                    .c = x.shape()[-1],
                    .x = x.raw(),
                    .gamma = gamma.defined() ? gamma.raw() : nullptr,
                    .beta_ = beta.defined() ? beta.raw() : nullptr,
                    .epsilon = options.epsilon,
                    .y = y.raw(),
                    .mean = mean.raw(),
                    .rstd = rstd.raw()});
  if (!needs_node({x, gamma, beta})) return y;
  LayerNormGrad node{.x = x, .mean = mean, .rstd = rstd, .gamma = {}};
  if (gamma.defined()) node.gamma = gamma;
  return attach(y, {x, apart(gamma, x), apart(apart(beta, x), gamma)}, std::move(node));
}

}  // namespace mien
