#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/pooling.h"

namespace mien::nn {
namespace {

template <class Pooling>
std::unique_ptr<Module> pooling_from(const Config& c) {
  const auto size = pair_from(c, "pool_size", {2, 2});
  return made(
      Pooling(size, {.strides = pair_from(c, "strides", size), .padding = padding_from(c)}));
}

template <class Pooling>
std::unique_ptr<Module> global_from(const Config& c) {
  return made(Pooling({.keepdims = c.get_bool("keepdims", false)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"AveragePooling2D", pooling_from<AveragePooling2D>},
    {"GlobalAveragePooling2D", global_from<GlobalAveragePooling2D>},
    {"GlobalMaxPooling2D", global_from<GlobalMaxPooling2D>},
    {"MaxPooling2D", pooling_from<MaxPooling2D>},
};

}  // namespace

std::span<const BuiltinLayer> builtin_pooling() { return kLayers; }

}  // namespace mien::nn
