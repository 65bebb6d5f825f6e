#pragma once

#include <memory>
#include <vector>

#include "lib/train/device_feed.h"
#include "lib/train/trainer_parts.h"

namespace mien {

/// A training step: gradients forgotten, forward pass, loss with penalties, backward pass, update.
/// On a device the third step is captured as one graph, where its shapes are those of the second,
/// and replayed from then on, which saves the host the work of queueing each kernel; a batch of
/// other shapes is done as before. The results are the same bits. What changes from step to step
/// (learning rate, dropout's stream) lies in the device's memory.
class GraphedStep {
 public:
  /// penalties: of the model, and outlive this.
  GraphedStep(TrainerParts& parts, const std::vector<nn::Module::Penalty>& penalties, Device device,
              StepGraph wanted);
  ~GraphedStep();
  GraphedStep(const GraphedStep&) = delete;
  GraphedStep& operator=(const GraphedStep&) = delete;

  /// Good until the next step.
  struct Result {
    Tensor loss{}, predictions{};
  };
  Result run(const StepData& data);

 private:
  class Graph;
  Result compute(const StepData& data);

  TrainerParts& parts_;
  const std::vector<nn::Module::Penalty>& penalties_;
  std::unique_ptr<Graph> graph_;  // null where steps are not captured
};

}  // namespace mien
