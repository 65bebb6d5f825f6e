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

std::unique_ptr<Module> prelu_from(const Config& c) {
  const Config::Ints shared = c.get_ints("shared_axes", {});
  return made(PReLU({.alpha_initializer = initializer_from(c, "alpha_initializer", zeros()),
                     .alpha_regularizer = regularizer_from(c, "alpha_regularizer"),
                     .shared_axes = std::vector<int>(shared.begin(), shared.end())}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Activation", [](const Config& c) { return made(Activation(act_from(c))); }},
    {"ELU", [](const Config& c) { return made(ELU(c.get_double("alpha", 1))); }},
    {"LeakyReLU",
     [](const Config& c) {
       return made(LeakyReLU(c.get_double("negative_slope", c.get_double("alpha", 0.3))));
     }},
    {"ReLU", relu_from},
    {"PReLU", prelu_from},
    {"Softmax", [](const Config& c) { return made(Softmax(axes_from(c, "axis", -1))); }},
    // Keras 2's; the same as ReLU with a threshold, which both generations have.
    {"ThresholdedReLU",
     [](const Config& c) { return made(ReLU({.threshold = c.get_double("theta", 1)})); }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_activation_layers() { return kLayers; }

}  // namespace mien::nn
