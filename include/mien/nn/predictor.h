#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "mien/nn/module.h"

namespace mien::nn {

class PredictionPlan;

/// Prediction as fast as it goes: batch normalization is folded into the convolution or the dense
/// layer before it, activations and poolings are done while its result is in the cache, dropout is
/// left out, and weights are laid out once for the kernels, in a copy.
///
/// ```cpp
/// void answer(const nn::Sequential& model, const Tensor& faces) {
///   const nn::Predictor predict(model);
///   Tensor probabilities = predict(faces);  // [N, 7]
/// }
/// ```
///
/// Results are those of the model in inference up to rounding. Any number of threads may predict
/// with one predictor at the same time; each call works in a workspace of its own, which later
/// calls use again. set_cpu_isa() and set_conv_math() come before it is made.
class Predictor {
 public:
  /// For a model that outlives it and is not trained meanwhile: the weights of layers without a
  /// faster form are read where they are, the others were copied. Throws ValueError where the
  /// model is not built.
  explicit Predictor(const Module& model);
  /// The same, taking the model in.
  template <std::derived_from<Module> M>
  requires(!std::is_lvalue_reference_v<M>) explicit Predictor(M&& model)
      : Predictor(std::unique_ptr<Module>(std::make_unique<M>(std::move(model)))) {}
  explicit Predictor(std::unique_ptr<Module> model);
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  /// The first output for one input with the batch as its first axis. Throws as the model does.
  Tensor operator()(const Tensor& x) const;
  /// All outputs for all inputs.
  Tensors call(std::span<const Tensor> in) const;

  /// What it does, one step a line, such as "conv2d 3x3x64, relu, max_pool2d 2x2".
  std::string str() const;

 private:
  std::unique_ptr<Module> owned_;
  std::unique_ptr<PredictionPlan> plan_;
};

}  // namespace mien::nn
