#pragma once

#include "kernels/args_rows.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/base/error.h"

// What batch_norm and layer_norm share.

namespace mien {

/// Product of all sizes but the last.
inline std::int64_t norm_rows(const Shape& shape) { return shape.slice(0, -1).numel(); }

/// Throws unless `vector` is [C] and goes with x.
inline void check_norm_vector(const char* op, const char* what, const Tensor& x,
                              const Tensor& vector) {
  MIEN_CHECK(vector.shape() == Shape{x.shape()[-1]}, ShapeError, op, ": ", what, " must be [",
             x.shape()[-1], "] for input ", x.shape(), "; got ", vector.shape());
  check_weight(op, what, x, vector);
}

inline void check_norm_inputs(const char* op, const Tensor& x, double epsilon, const Tensor& gamma,
                              const Tensor& beta) {
  check_computes(op, x);
  MIEN_CHECK(x.rank() >= 1 && x.shape()[-1] > 0, ShapeError, op,
             ": input must be [..., C] with C >= 1; got ", x.shape());
  MIEN_CHECK(epsilon >= 0, ValueError, op, ": epsilon must not be negative; got ", epsilon);
  if (gamma.defined()) check_norm_vector(op, "gamma", x, gamma);
  if (beta.defined()) check_norm_vector(op, "beta", x, beta);
}

/// tensor, or a view of it where it is also another input: all gradients are written at once, so no
/// two may go to one place.
inline Tensor apart(const Tensor& tensor, const Tensor& other) {
  return tensor.defined() && tensor.is(other) ? tensor.view(tensor.shape()) : tensor;
}

/// Where the gradients of inputs (x, gamma, beta) go: null pointers where nobody waits; dx in place
/// of the first of `spare` that is free.
struct NormSlots {
  NormSlots(GradOut& out, std::initializer_list<const Tensor*> spare) {
    for (const Tensor* each : spare)
      if (!dx && out.wants(0) && out.reuse(0, *each)) dx = each->raw();
    if (!dx && out.wants(0)) take(out, 0, dx, dx_beta);
    if (out.wants(1)) take(out, 1, dgamma, dgamma_beta);
    if (out.wants(2)) take(out, 2, dbeta, dbeta_beta);
  }
  void *dx = nullptr, *dgamma = nullptr, *dbeta = nullptr;
  double dx_beta = 0, dgamma_beta = 0, dbeta_beta = 0;

 private:
  static void take(GradOut& out, int input, void*& data, double& beta) {
    const GradSlot slot = out.into(input);
    data = slot.raw();
    beta = slot.beta;
  }
};

}  // namespace mien
