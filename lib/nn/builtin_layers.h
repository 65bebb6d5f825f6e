#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "mien/nn/registry.h"

namespace mien::nn {

struct BuiltinLayer {
  std::string_view kind;
  ModuleFactory factory;
};

/// mien's own layers, for the registry.
std::span<const BuiltinLayer> builtin_layers();

// One table a family, in lib/nn/builtin_<family>.cpp; builtin_layers() joins them.
std::span<const BuiltinLayer> builtin_activation_layers();
std::span<const BuiltinLayer> builtin_attention();
std::span<const BuiltinLayer> builtin_containers();
std::span<const BuiltinLayer> builtin_conv();
std::span<const BuiltinLayer> builtin_conv1d();
std::span<const BuiltinLayer> builtin_conv_transpose();
std::span<const BuiltinLayer> builtin_dense();
std::span<const BuiltinLayer> builtin_dropout();
std::span<const BuiltinLayer> builtin_embedding();
std::span<const BuiltinLayer> builtin_merge();
std::span<const BuiltinLayer> builtin_noise();
std::span<const BuiltinLayer> builtin_normalization();
std::span<const BuiltinLayer> builtin_operation();
std::span<const BuiltinLayer> builtin_pooling();
std::span<const BuiltinLayer> builtin_pooling1d();
std::span<const BuiltinLayer> builtin_preprocessing();
std::span<const BuiltinLayer> builtin_random_layers();
std::span<const BuiltinLayer> builtin_recurrent();
std::span<const BuiltinLayer> builtin_residual();
std::span<const BuiltinLayer> builtin_shape_layers();
std::span<const BuiltinLayer> builtin_shape_layers1d();
std::span<const BuiltinLayer> builtin_wrappers();

/// A layer as factories return it.
template <std::derived_from<Module> M>
std::unique_ptr<Module> made(M layer) {
  return std::make_unique<M>(std::move(layer));
}

}  // namespace mien::nn
