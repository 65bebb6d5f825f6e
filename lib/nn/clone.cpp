#include "mien/nn/clone.h"

#include "mien/nn/registry.h"

namespace mien::nn {
namespace {

template <class Model>
Model cloned(const Model& model) {
  const std::unique_ptr<Module> made = make_layer(layer_config(model));
  auto& copy = dynamic_cast<Model&>(*made);
  State weights;
  model.save(weights);
  copy.load(weights);
  copy.metadata() = model.metadata();
  return std::move(copy);
}

}  // namespace

Sequential clone(const Sequential& model) { return cloned(model); }
Graph clone(const Graph& model) { return cloned(model); }

}  // namespace mien::nn
