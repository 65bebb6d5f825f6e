#pragma once

#include <memory>
#include <string>

#include "mien/nn/module.h"
#include "mien/optim/adam.h"
#include "mien/tensor.h"

namespace bench {

/// A network of examples/fer with a constant batch of noise: [batch, 44, 44, 1] for resnet18,
/// [batch, 48, 48, 1] for the others, and one of 7 classes each.
class Work {
 public:
  /// model: canonical, small or resnet18. Throws ValueError for another one and for a batch
  /// below 1.
  Work(const std::string& model, int batch);

  /// One step of training: forward, cross-entropy, backward, Adam. Gives the loss.
  double train();
  /// The probabilities of the batch, without recording.
  mien::Tensor predict() const;

 private:
  mien::Tensor forward(mien::nn::Pass pass) const;

  std::unique_ptr<mien::nn::Module> model_;
  mien::optim::Adam adam_;
  mien::Tensor images_, targets_;
};

}  // namespace bench
