#include "mien/ops/activations.h"

#include "lib/ops/checks.h"
#include "lib/ops/unary.h"
#include "mien/ops/elementwise.h"

namespace mien {

Tensor relu(const Tensor& x) { return unary("relu", UnaryOp::relu, x); }
Tensor selu(const Tensor& x) { return unary("selu", UnaryOp::selu, x); }
Tensor silu(const Tensor& x) { return unary("silu", UnaryOp::silu, x); }
Tensor sigmoid(const Tensor& x) { return unary("sigmoid", UnaryOp::sigmoid, x); }
Tensor hard_sigmoid(const Tensor& x) { return unary("hard_sigmoid", UnaryOp::hard_sigmoid, x); }
Tensor tanh(const Tensor& x) { return unary("tanh", UnaryOp::tanh, x); }
Tensor softplus(const Tensor& x) { return unary("softplus", UnaryOp::softplus, x); }

// With a negative factor the sign of y would not tell the branch, and y is all that is kept.
Tensor leaky_relu(const Tensor& x, double slope) {
  MIEN_CHECK(slope >= 0, ValueError, "leaky_relu: slope must not be negative; got ", slope);
  return unary("leaky_relu", UnaryOp::leaky_relu, x, slope);
}

Tensor elu(const Tensor& x, double alpha) {
  MIEN_CHECK(alpha >= 0, ValueError, "elu: alpha must not be negative; got ", alpha);
  return unary("elu", UnaryOp::elu, x, alpha);
}

Tensor gelu(const Tensor& x, const GeluOptions& options) {
  return unary("gelu", options.approximate ? UnaryOp::gelu_tanh : UnaryOp::gelu, x);
}

Tensor activation(const Tensor& x, Act act) {
  switch (act) {
    case Act::none:
      return x;
    case Act::relu:
      return relu(x);
    case Act::leaky_relu:
      return leaky_relu(x);
    case Act::elu:
      return elu(x);
    case Act::selu:
      return selu(x);
    case Act::gelu:
      return gelu(x);
    case Act::gelu_tanh:
      return gelu(x, {.approximate = true});
    case Act::silu:
      return silu(x);
    case Act::sigmoid:
      return sigmoid(x);
    case Act::hard_sigmoid:
      return hard_sigmoid(x);
    case Act::tanh:
      return tanh(x);
    case Act::softplus:
      return softplus(x);
    case Act::softmax:
      return softmax(x);
    case Act::exponential:
      return exp(x);
    case Act::relu6:
      return relu6(x);
    case Act::celu:
      return celu(x);
    case Act::mish:
      return mish(x);
    case Act::hard_silu:
      return hard_silu(x);
    case Act::hard_sigmoid_2:
      return hard_sigmoid_2(x);
    case Act::hard_tanh:
      return hard_tanh(x);
    case Act::softsign:
      return softsign(x);
    case Act::log_sigmoid:
      return log_sigmoid(x);
    case Act::log_softmax:
      return log_softmax(x);
    case Act::tanh_shrink:
      return tanh_shrink(x);
    case Act::soft_shrink:
      return soft_shrink(x);
    case Act::hard_shrink:
      return hard_shrink(x);
    case Act::squareplus:
      return squareplus(x);
    case Act::sparse_plus:
      return sparse_plus(x);
    case Act::sparse_sigmoid:
      return sparse_sigmoid(x);
    case Act::sparsemax:
      return sparsemax(x);
  }
  return x;
}

}  // namespace mien
