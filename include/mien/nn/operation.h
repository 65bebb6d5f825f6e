#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mien/nn/module.h"

namespace mien::nn {

/// An operand of an Operation: one of its inputs, or numbers known beforehand.
struct Operand {
  int input = -1;                     // its place among the inputs; -1: the numbers
  std::vector<double> values{};       // row by row
  std::vector<std::int64_t> shape{};  // of the numbers; empty: a single one
};

/// Options of Operation.
struct OperationOptions {
  std::vector<Operand> operands{};  // none: the inputs in their order
  Config arguments{};               // what the function takes besides, under Keras's names: "axis"
  std::string name{};
};

/// A function as a part of nn::Graph, as Keras 3's keras.ops and tf_keras's TensorFlow calls are
/// parts of functional models. Axes count the batch, as there; the batch itself stays as it is.
///
/// | functions | operands | arguments |
/// | --- | --- | --- |
/// | add, subtract, multiply, divide, power, maximum, minimum | two, which broadcast | |
/// | absolute, exp, identity, log, negative, reciprocal, rsqrt, sign, sqrt, square, stop_gradient |
/// one | | | relu, relu6, sigmoid, tanh, silu, selu, softplus, softsign, hard_sigmoid, hard_silu |
/// one | | | leaky_relu (negative_slope), elu (alpha), gelu (approximate), softmax, log_softmax
/// (axis) | one | as named | | clip | one | x_min, x_max | | mean, sum, max, min | one | axis (all
/// where null), keepdims | | reshape (newshape), transpose (axes), expand_dims, squeeze (axis) |
/// one | as named | | get_item | one | key: Python's text for each axis, {":", "1:3", "-1", "...",
/// "newaxis"} | | concatenate, stack | any number | axis | | matmul | two | |
///
/// ```cpp
/// nn::Graph g;
/// const auto x = g.input({4});
/// g.output(g.add(nn::Operation("multiply", {.operands = {{.input = 0}, {.values = {0.5}}}}), x));
/// const Tensor y = g(Tensor::ones({1, 4}));  // 0.5 everywhere
/// ```
class Operation : public Module {
 public:
  /// Throws ValueError for a function that is not known and for operands that do not fit it.
  explicit Operation(std::string function, OperationOptions options = {});
  /// Whether there is such a function.
  static bool knows(std::string_view function);

  /// Throws ShapeError where the function would change the batch.
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "Operation"; }
  Config config() const override;

  /// What it was made of.
  const std::string& function() const { return function_; }
  const OperationOptions& options() const { return options_; }

 private:
  std::string function_;
  OperationOptions options_;
};

}  // namespace mien::nn
