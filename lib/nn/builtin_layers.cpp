#include "lib/nn/builtin_layers.h"

#include <vector>

namespace mien::nn {
namespace {

constexpr std::span<const BuiltinLayer> (*kFamilies[])() = {
    builtin_activation_layers, builtin_containers, builtin_conv,          builtin_dense,
    builtin_dropout,           builtin_merge,      builtin_normalization, builtin_pooling,
    builtin_shape_layers,
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
