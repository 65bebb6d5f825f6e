#include "lib/nn/builtin_layers.h"

#include <vector>

namespace mien::nn {
namespace {

constexpr std::span<const BuiltinLayer> (*kFamilies[])() = {
    // clang-format off
    builtin_activation_layers,
    builtin_attention,
    builtin_containers,
    builtin_conv,
    builtin_conv1d,
    builtin_conv_transpose,
    builtin_dense,
    builtin_dropout,
    builtin_embedding,
    builtin_merge,
    builtin_noise,
    builtin_normalization,
    builtin_operation,
    builtin_pooling,
    builtin_pooling1d,
    builtin_preprocessing,
    builtin_random_layers,
    builtin_recurrent,
    builtin_residual,
    builtin_shape_layers,
    builtin_shape_layers1d,
    builtin_wrappers,
    // clang-format on
};

}  // namespace

std::span<const BuiltinLayer> builtin_layers() {
  static const std::vector<BuiltinLayer> all = [] {
    std::vector<BuiltinLayer> joined;
    for (const auto family : kFamilies) {
      const std::span<const BuiltinLayer> layers = family();
      joined.insert(joined.end(), layers.begin(), layers.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace mien::nn
