#include "mien/nn/clone.h"

#include "mien/nn/registry.h"

namespace mien::nn {
namespace {

// From the outside inwards: freeze() goes through to all inside.
void copy_frozen(const Module& from, Module& to) {
  to.freeze(from.frozen());
  for (std::size_t i = 0; i < from.children(); ++i) copy_frozen(from.child_at(i), to.child_at(i));
}

template <class Model>
Model cloned(const Model& model) {
  const std::unique_ptr<Module> made = make_layer(layer_config(model));
  auto& copy = dynamic_cast<Model&>(*made);
  copy_frozen(model, copy);
  const std::vector<NamedTensor> parameters = model.parameters();
  if (!parameters.empty()) copy.to(parameters[0].value.dtype());
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
