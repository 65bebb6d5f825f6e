#include "lib/nn/builtin_layers.h"
#include "mien/nn/residual.h"

namespace mien::nn {
namespace {

constexpr BuiltinLayer kLayers[] = {
    {"CustomScaleLayer",
     [](const Config& c) { return made(CustomScaleLayer(c.get_double("scale", 1))); }},
    {"LayerScale",
     [](const Config& c) {
       return made(LayerScale(int(c.need_int("projection_dim")),
                              {.init_values = c.get_double("init_values", 1e-6)}));
     }},
    {"StochasticDepth",
     [](const Config& c) { return made(StochasticDepth(c.get_double("drop_path_rate", 0))); }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_residual() { return kLayers; }

}  // namespace mien::nn
