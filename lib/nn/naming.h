#pragma once

#include <string>
#include <string_view>

#include "lib/runtime/profile.h"
#include "mien/base/error.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Keras's layer names: "Conv2D" -> "conv2d", "BatchNormalization" -> "batch_normalization"; "" ->
/// "module".
std::string snake_case(std::string_view class_name);

/// base, or base_1, base_2, ... : the first that taken(name) denies.
template <class Taken>
std::string unique_name(const std::string& base, Taken taken) {
  std::string name = base;
  for (int i = 1; taken(std::string_view(name)); ++i) name = base + "_" + std::to_string(i);
  return name;
}

/// Runs f for a layer of a model; a ShapeError from it gets the layer's name in front: "layer
/// 'conv2d_3': conv2d: ...". What it does counts as that layer's in a profile.
template <class F>
auto with_layer_name(const Module& layer, F f) {
  const ProfiledLayer profiled(layer.name());
  try {
    return f();
  } catch (const ShapeError& error) {
    throw ShapeError(concat("layer '", layer.name(), "': ", error.what()));
  }
}

}  // namespace mien::nn
