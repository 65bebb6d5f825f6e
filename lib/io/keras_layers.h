#pragma once

#include <string>
#include <vector>

#include "mien/nn/graph.h"
#include "mien/nn/module.h"

namespace mien::io {

/// A layer as Keras lists it in its container. Files name weights by it, and tie them to layers by
/// the order of this list.
struct KerasLayer {
  std::string name{};
  std::string kind{};                  // Keras's class
  const nn::Module* module = nullptr;  // none for an InputLayer
  std::vector<KerasLayer> layers{};    // of a model
  bool is_model() const { return kind == "Sequential" || kind == "Functional"; }
};

/// A layer of a graph, or an input.
struct KerasOrdered {
  const nn::Module* layer = nullptr;  // none for an input
  std::vector<int> calls{};           // of those that the outputs need, in the graph's order
};

/// A graph's layers in Keras's order: those farthest from the outputs first, and within one
/// distance in the order in which a walk back from the outputs meets them. What no output needs is
/// left out, inputs excepted.
std::vector<KerasOrdered> keras_order(const nn::Graph& graph);

/// A model as Keras lists it.
KerasLayer keras_layers(const nn::Module& model);

}  // namespace mien::io
