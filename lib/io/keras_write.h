#pragma once

#include <string>

#include "lib/io/json.h"
#include "lib/io/keras_config.h"
#include "mien/nn/module.h"

namespace mien::io {

/// How a model is described: for which generation of Keras, and in which format.
struct KerasStyle {
  KerasGeneration generation = KerasGeneration::three;
  bool zip = false;  // .keras: every object with its module
};

/// {"class_name": .., "config": {"name": .., "layers": [..]}} of an nn::Sequential or nn::Graph.
/// Throws ValueError where the model is not built or cannot be described.
Json keras_model_json(const nn::Module& model, const KerasStyle& style);

/// A layer's name there: Keras 3 takes none with a '/'.
std::string keras_name(std::string name, const KerasStyle& style);

}  // namespace mien::io
