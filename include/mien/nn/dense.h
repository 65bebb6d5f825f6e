#pragma once

#include <string>

#include "mien/base/act.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Options of Dense; the order is Keras's.
struct DenseOptions {
  Act activation = Act::none;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  std::string name{};
};

/// activation(x kernel + bias) on the last axis: [N, .., in] -> [N, .., units]. Keras's Dense.
/// Weights: kernel [in, units], bias [units]. Throws ValueError for units < 1, ShapeError where x
/// does not fit.
/// ```cpp
/// nn::Dense head(7, {.activation = Act::softmax, .kernel_regularizer = {.l2 = 1e-4}});
/// ```
class Dense : public Layer {
 public:
  explicit Dense(int units, DenseOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Dense"; }
  Config config() const override;

 private:
  int units_;
  DenseOptions options_;
  Tensor kernel_, bias_;
};

}  // namespace mien::nn
