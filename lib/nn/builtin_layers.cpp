#include "lib/nn/builtin_layers.h"

#include "mien/nn/sequential.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> sequential_from(const Config& config) {
  auto model = std::make_unique<Sequential>();
  for (const Config& layer : config.get_list("layers")) model->add(make_layer(layer));
  if (config.has("input_shape")) {
    const Config::Ints dims = config.get_ints("input_shape", {});
    model->build(Shape(std::span<const std::int64_t>(dims)));
  }
  return model;
}

constexpr BuiltinLayer kLayers[] = {
    {"Sequential", sequential_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_layers() { return kLayers; }

}  // namespace mien::nn
