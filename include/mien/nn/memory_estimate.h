#pragma once

#include <cstdint>

#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::nn {

/// What a model is to be run with.
struct MemoryOptions {
  std::int64_t batch = 32;
  int optimizer_slots = 2;  // numbers kept beside each trainable weight: 2 of Adam, 0 of plain SGD
};

/// Bytes that a model needs. Activations as they are kept after a training's forward pass, or as
/// they live at once in inference; without what single kernels work in, such as a convolution's
/// transforms: measured, a step takes up to a fifth more. See memory_stats() for what was used.
struct MemoryEstimate {
  std::int64_t weights = 0;    // parameters and buffers, part of the next two
  std::int64_t training = 0;   // with gradients and the optimizer's numbers
  std::int64_t inference = 0;  // where recording is off
};

/// Of a model that is built; throws ValueError where it is not, and for a batch below 1 or a
/// negative number of slots.
/// ```cpp
/// nn::Sequential model{nn::Dense(256), nn::Dense(10)};
/// model.build({784});
/// const auto bytes = nn::estimate_memory(model, {.batch = 128}).training;
/// ```
MemoryEstimate estimate_memory(const Sequential& model, const MemoryOptions& options = {});
MemoryEstimate estimate_memory(const Graph& model, const MemoryOptions& options = {});

}  // namespace mien::nn
