#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/pooling1d.h"

namespace mien::nn {
namespace {

template <class Pooling>
std::unique_ptr<Module> pooling_from(const Config& c) {
  const int size = one_from(c, "pool_size", 2);
  return made(Pooling(size, {.strides = one_from(c, "strides", size), .padding = padding_from(c)}));
}

template <class Pooling>
std::unique_ptr<Module> global_from(const Config& c) {
  return made(Pooling({.keepdims = c.get_bool("keepdims", false)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"AveragePooling1D", pooling_from<AveragePooling1D>},
    {"GlobalAveragePooling1D", global_from<GlobalAveragePooling1D>},
    {"GlobalMaxPooling1D", global_from<GlobalMaxPooling1D>},
    {"MaxPooling1D", pooling_from<MaxPooling1D>},
};

}  // namespace

std::span<const BuiltinLayer> builtin_pooling1d() { return kLayers; }

}  // namespace mien::nn
