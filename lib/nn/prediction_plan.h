#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "lib/nn/prediction_step.h"

namespace mien::nn {

/// The steps of a network in their order, and the values that go between them.
class PredictionPlan {
 public:
  /// Throws ValueError where the model is not built.
  explicit PredictionPlan(const Module& model);

  Tensors run(std::span<const Tensor> in) const;
  std::string str() const;

  /// An input of the network, or one output of a step.
  struct Value {
    int source = -1;  // inputs first, then steps
    int output = 0;
  };
  using Values = Few<Value, 4>;

 private:
  struct Planned {
    std::unique_ptr<PredictionStep> step;
    Values inputs;
  };
  // Results of each source, kept between calls so that a call allocates no list.
  struct Workspace {
    std::vector<Tensors> results;
  };
  std::unique_ptr<Workspace> take() const;

  int inputs_ = 0;
  std::vector<Shape> input_shapes_;  // where known
  std::vector<Planned> steps_;
  std::vector<int> last_use_;  // of each source; -1 where it is an output
  std::vector<Value> outputs_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> free_;
};

}  // namespace mien::nn
