#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/activation_layers.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> relu_from(const Config& c) {
  ReLUOptions options{.negative_slope = c.get_double("negative_slope", 0),
                      .threshold = c.get_double("threshold", 0)};
  if (const double most = c.get_double("max_value", -1); most >= 0) options.max_value = most;
  return made(ReLU(options));
}

constexpr BuiltinLayer kLayers[] = {
    {"Activation", [](const Config& c) { return made(Activation(act_from(c))); }},
    {"ELU", [](const Config& c) { return made(ELU(c.get_double("alpha", 1))); }},
    {"LeakyReLU",
     [](const Config& c) {
       return made(LeakyReLU(c.get_double("negative_slope", c.get_double("alpha", 0.3))));
     }},
    {"ReLU", relu_from},
    {"Softmax", [](const Config& c) { return made(Softmax(int(c.get_int("axis", -1)))); }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_activation_layers() { return kLayers; }

}  // namespace mien::nn
