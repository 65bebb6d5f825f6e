#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/dropout.h"

namespace mien::nn {
namespace {

constexpr BuiltinLayer kLayers[] = {
    {"Dropout",
     [](const Config& c) {
       refuse_options(c, {"noise_shape"});
       return made(Dropout(c.get_double("rate", 0)));
     }},
    {"Rescaling",
     [](const Config& c) {
       return made(Rescaling(c.get_double("scale", 1), c.get_double("offset", 0)));
     }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_dropout() { return kLayers; }

}  // namespace mien::nn
