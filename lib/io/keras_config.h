#pragma once

#include <string>
#include <vector>

#include "lib/io/json.h"
#include "mien/nn/config.h"
#include "mien/nn/module.h"

namespace mien::io {

/// Which of Keras's two ways of saying things: Keras 3, or Keras 2 (tf.keras, tf_keras).
enum class KerasGeneration { two, three };

/// A layer's class as it is written in a file, without the package before it: "Custom>LayerScale"
/// is LayerScale.
std::string keras_class(const Json& layer);

/// A layer from its entry in a file, with its name and frozen state. `notes` gets a line for what
/// is computed in another way than there. Throws IoError beginning with the file and the layer for
/// what is not read, such as channels first, constraints and unknown classes.
std::unique_ptr<nn::Module> keras_layer(const Json& entry, const std::string& path,
                                        std::vector<std::string>* notes);

/// The entry of a layer: {"class_name": .., "config": {..}}, with its module for Keras 3's own
/// format. Throws ValueError where Keras has no name for an option.
Json keras_layer_json(const nn::Module& layer, KerasGeneration generation);

/// {"class_name": "Conv2D", "config": config} with module and registered name, as .keras files
/// have them.
Json keras_object(const char* module, const std::string& class_name, Json config);

/// The dtype of a layer as Keras writes it.
Json keras_dtype(KerasGeneration generation);

}  // namespace mien::io
