#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/dropout.h"

namespace mien::nn {
namespace {

constexpr BuiltinLayer kLayers[] = {
    {"Dropout",
     [](const Config& c) {
       return made(
           Dropout(c.get_double("rate", 0), {.noise_shape = c.get_ints("noise_shape", {})}));
     }},
    {"Rescaling",
     [](const Config& c) {
       return made(Rescaling(numbers_from(c, "scale", {1}), numbers_from(c, "offset", {0})));
     }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_dropout() { return kLayers; }

}  // namespace mien::nn
