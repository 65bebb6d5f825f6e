#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "mien/base/act.h"
#include "mien/nn/module.h"
#include "mien/ops/conv2d.h"
#include "mien/ops/pool.h"

namespace mien::nn {

/// One step of a prediction; run() may be called by several threads at once.
class PredictionStep {
 public:
  PredictionStep() = default;
  PredictionStep(const PredictionStep&) = delete;
  PredictionStep& operator=(const PredictionStep&) = delete;
  virtual ~PredictionStep() = default;
  virtual Tensors run(std::span<const Tensor> in) const = 0;
  virtual std::string str() const = 0;
};

/// A weight with its output channels last, and what may follow it: each output channel is
/// multiplied and shifted (batch normalization), folded in at once.
struct FoldedWeight {
  Tensor weight{}, bias{};  // bias may be undefined

  /// Takes batch normalization in: moving statistics and the affine part of `norm`, a built
  /// BatchNormalization.
  void fold(const Module& norm);
};

std::unique_ptr<PredictionStep> conv_step(FoldedWeight weight, const Conv2dOptions& options,
                                          Act act, std::optional<Pool2dOptions> pool);
std::unique_ptr<PredictionStep> dense_step(FoldedWeight weight, Act act);
/// Any layer, called as it is.
std::unique_ptr<PredictionStep> module_step(const Module& layer);

}  // namespace mien::nn
