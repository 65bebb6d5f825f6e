#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> sequential_from(const Config& c) {
  auto model = std::make_unique<Sequential>();
  for (const Config& layer : c.get_list("layers")) model->add(make_layer(layer));
  if (c.has("input_shape")) {
    const Config::Ints dims = c.get_ints("input_shape", {});
    model->build(Shape(std::span<const std::int64_t>(dims)));
  }
  return model;
}

constexpr BuiltinLayer kLayers[] = {
    {"Graph",
     [](const Config& c) -> std::unique_ptr<Module> {
       return std::make_unique<Graph>(Graph::from(c));
     }},
    {"Sequential", sequential_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_containers() { return kLayers; }

}  // namespace mien::nn
