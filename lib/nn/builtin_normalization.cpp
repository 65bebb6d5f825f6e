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

// The options that all of them have after their own.
template <class Options>
Options affine_from(const Config& c, Options options) {
  options.epsilon = c.get_double("epsilon", 1e-3);
  options.center = c.get_bool("center", true);
  options.scale = c.get_bool("scale", true);
  options.beta_initializer = initializer_from(c, "beta_initializer", zeros());
  options.gamma_initializer = initializer_from(c, "gamma_initializer", ones());
  options.beta_regularizer = regularizer_from(c, "beta_regularizer");
  options.gamma_regularizer = regularizer_from(c, "gamma_regularizer");
  return options;
}

// Keras 3's `synchronized` is of several devices alone; those refused are Keras 2's.
std::unique_ptr<Module> batch_normalization_from(const Config& c) {
  refuse_options(c, {"renorm", "virtual_batch_size", "adjustment"});
  const BatchNormalizationOptions own{.axis = axis_from(c, "BatchNormalization"),
                                      .momentum = c.get_double("momentum", 0.99)};
  return made(BatchNormalization(affine_from(c, own)));
}

std::unique_ptr<Module> layer_normalization_from(const Config& c) {
  const LayerNormalizationOptions own{.axis = axes_from(c, "axis", -1),
                                      .rms_scaling = c.get_bool("rms_scaling", false)};
  return made(LayerNormalization(affine_from(c, own)));
}

std::unique_ptr<Module> group_normalization_from(const Config& c) {
  const GroupNormalizationOptions own{.axis = axis_from(c, "GroupNormalization")};
  return made(GroupNormalization(int(c.get_int("groups", 32)), affine_from(c, own)));
}

std::unique_ptr<Module> rms_normalization_from(const Config& c) {
  return made(RMSNormalization(
      {.axis = axes_from(c, "axis", -1), .epsilon = c.get_double("epsilon", 1e-6)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"BatchNormalization", batch_normalization_from},
    {"GroupNormalization", group_normalization_from},
    {"LayerNormalization", layer_normalization_from},
    {"RMSNormalization", rms_normalization_from},
    {"UnitNormalization",
     [](const Config& c) { return made(UnitNormalization(axes_from(c, "axis", -1))); }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_normalization() { return kLayers; }

}  // namespace mien::nn
