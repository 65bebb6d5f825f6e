#pragma once

#include <memory>
#include <string>

#include "lib/io/json.h"
#include "lib/io/keras_layers.h"
#include "mien/io/model.h"
#include "mien/nn/module.h"

namespace mien::io {

/// A model made from its description, and its layers in the order of the file.
struct KerasModel {
  std::unique_ptr<nn::Module> model{};
  KerasLayer layers{};
};

/// A built model, with weights as initializers leave them, from {"class_name": "Functional",
/// "config": {..}} of either generation of Keras. Throws IoError naming the file and the layer for
/// what is not read.
KerasModel read_keras_model(const Json& json, const std::string& path, const LoadOptions& options);

}  // namespace mien::io
