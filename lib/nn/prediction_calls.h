#pragma once

#include <vector>

#include "lib/nn/prediction_plan.h"

namespace mien::nn {

/// One call of a layer that is no container.
struct FlatCall {
  const Module* layer = nullptr;
  PredictionPlan::Values inputs{};
};
/// A network without its containers: sources are the inputs, then the calls. What does nothing in
/// inference (dropout) is left out.
struct FlatCalls {
  std::vector<Shape> inputs{};  // shapes without batch
  std::vector<FlatCall> calls{};
  std::vector<PredictionPlan::Value> outputs{};
};
/// Throws ValueError where the model is not built.
FlatCalls flatten(const Module& model);

}  // namespace mien::nn
