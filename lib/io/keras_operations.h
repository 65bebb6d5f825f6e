#pragma once

#include <string>
#include <vector>

#include "lib/io/json.h"
#include "lib/io/keras_calls.h"
#include "lib/io/keras_config.h"
#include "mien/nn/operation.h"

namespace mien::io {

/// Whether a layer's entry is a function: a keras.ops call of Keras 3, a TensorFlow call of
/// Keras 2.
bool is_operation(const Json& entry);

/// Such an entry and its call as a module; its inputs are those of the call. Throws IoError
/// beginning with `where` naming a function or an argument that is not read.
nn::Operation operation_from(const Json& entry, const KerasCall& call, const std::string& where);

/// Such an entry: class, config and inbound_nodes. `inputs` are the operands as the generation
/// writes tensors.
Json operation_json(const nn::Operation& operation, const std::vector<Json>& inputs,
                    KerasGeneration generation);

/// A layer that computes the same and that all generations of Keras read: {"class_name",
/// "config"}; null where there is none.
Json equivalent_layer(const nn::Operation& operation);

}  // namespace mien::io
