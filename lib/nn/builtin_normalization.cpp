#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/normalization.h"

namespace mien::nn {
namespace {

// Old files have the axis as a list of one: [3] for images.
int axis_from(const Config& c, const char* kind) {
  const Config::Ints axis = c.get_ints("axis", {-1});
  MIEN_CHECK(axis.size() == 1, ValueError, kind, ": only one axis is normalized; got ",
             axis.size());
  return int(axis[0]);
}

std::unique_ptr<Module> batch_normalization_from(const Config& c) {
  return made(BatchNormalization({.axis = axis_from(c, "BatchNormalization"),
                                  .momentum = c.get_double("momentum", 0.99),
                                  .epsilon = c.get_double("epsilon", 1e-3),
                                  .center = c.get_bool("center", true),
                                  .scale = c.get_bool("scale", true)}));
}

std::unique_ptr<Module> layer_normalization_from(const Config& c) {
  MIEN_CHECK(!c.get_bool("rms_scaling", false), ValueError,
             "LayerNormalization: rms_scaling is not known");
  return made(LayerNormalization({.axis = axis_from(c, "LayerNormalization"),
                                  .epsilon = c.get_double("epsilon", 1e-3),
                                  .center = c.get_bool("center", true),
                                  .scale = c.get_bool("scale", true)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"BatchNormalization", batch_normalization_from},
    {"LayerNormalization", layer_normalization_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_normalization() { return kLayers; }

}  // namespace mien::nn
