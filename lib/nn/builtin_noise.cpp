#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/noise.h"

namespace mien::nn {
namespace {

template <class L>
std::unique_ptr<Module> rated(const Config& c) {
  refuse_options(c, {"noise_shape"});
  return made(L(c.get_double("rate", 0)));
}

constexpr BuiltinLayer kLayers[] = {
    {"ActivityRegularization",
     [](const Config& c) {
       return made(
           ActivityRegularization({.l1 = c.get_double("l1", 0), .l2 = c.get_double("l2", 0)}));
     }},
    {"AlphaDropout", rated<AlphaDropout>},
    {"GaussianDropout", rated<GaussianDropout>},
    {"GaussianNoise",
     [](const Config& c) { return made(GaussianNoise(c.get_double("stddev", 0))); }},
    {"SpatialDropout1D", rated<SpatialDropout1D>},
    {"SpatialDropout2D", rated<SpatialDropout2D>},
};

}  // namespace

std::span<const BuiltinLayer> builtin_noise() { return kLayers; }

}  // namespace mien::nn
