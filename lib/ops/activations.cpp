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
  }
  return x;
}

}  // namespace mien
