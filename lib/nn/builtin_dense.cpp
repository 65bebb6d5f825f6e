#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/dense.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> dense_from(const Config& c) {
  return made(
      Dense(int(c.need_int("units")),
            {.activation = act_from(c),
             .use_bias = c.get_bool("use_bias", true),
             .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
             .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
             .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
             .bias_regularizer = regularizer_from(c, "bias_regularizer")}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Dense", dense_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_dense() { return kLayers; }

}  // namespace mien::nn
