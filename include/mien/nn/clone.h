#pragma once

#include <memory>

#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::nn {

/// A new module made as this one was, with bytes of its own: same architecture, names, frozen
/// layers, weights and metadata; unbuilt where this one is. Throws ValueError naming a layer that
/// cannot describe itself.
/// ```cpp
/// nn::Sequential model{nn::Dense(3)};
/// model.build({4});
/// nn::Sequential copy = nn::clone(model);
/// ```
Sequential clone(const Sequential& model);
Graph clone(const Graph& model);

}  // namespace mien::nn
