#pragma once

#include <span>
#include <string_view>

#include "mien/nn/registry.h"

namespace mien::nn {

struct BuiltinLayer {
  std::string_view kind;
  ModuleFactory factory;
};

/// mien's own layers, for the registry.
std::span<const BuiltinLayer> builtin_layers();

}  // namespace mien::nn
