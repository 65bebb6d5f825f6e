#pragma once

#include <memory>
#include <string>

#include "mien/tensor.h"

namespace bench {

/// A network of examples/fer at work on a constant batch of noise: [batch, 44, 44, 1] for resnet18,
/// [batch, 48, 48, 1] for the others, and one of 7 classes each.
class Work {
 public:
  virtual ~Work();
  /// Once more; gives the loss or the probabilities.
  virtual mien::Tensor step() = 0;
};

/// How a training step is done on a device.
struct TrainingWork {
  bool graph = false;  // captured and replayed
  mien::DType activations = mien::DType::f32;
};

/// mode "train": forward, cross-entropy, backward, Adam. "predict": the probabilities of the batch,
/// through a Predictor. model: canonical, small or resnet18, or tiny (one block on [8, 8, 1], for a
/// look at whether all works). Throws ValueError for another one. Made on the default device, where
/// a step may still be under way when it returns.
std::unique_ptr<Work> make_work(const std::string& mode, const std::string& model, int batch,
                                const TrainingWork& training = {});

}  // namespace bench
