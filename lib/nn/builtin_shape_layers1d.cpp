#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/shape_layers1d.h"

namespace mien::nn {
namespace {

constexpr BuiltinLayer kLayers[] = {
    {"Cropping1D",
     [](const Config& c) {
       return made(Cropping1D(pair_from(c, "cropping", {1, 1})));
     }},
    {"UpSampling1D", [](const Config& c) { return made(UpSampling1D(one_from(c, "size", 2))); }},
    {"ZeroPadding1D",
     [](const Config& c) {
       return made(ZeroPadding1D(pair_from(c, "padding", {1, 1})));
     }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_shape_layers1d() { return kLayers; }

}  // namespace mien::nn
