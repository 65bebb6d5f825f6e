#pragma once

#include <cstddef>

namespace mien::nn {

class BatchNormalization;

/// Layers that Sequential and Graph compute in one pass over memory, found when they are built: a
/// BatchNormalization and what follows it of, in this order, Add (in a graph), ReLU, MaxPooling2D
/// of 2x2 with stride 2, Dropout.
struct FusedLayers {
  const BatchNormalization* norm = nullptr;
  bool add = false;
  bool relu = false;
  bool max_pool = false;
  double dropout = 0.0;  // rate
  int layers = 0;        // how many: 0 where nothing is fused
};

}  // namespace mien::nn
