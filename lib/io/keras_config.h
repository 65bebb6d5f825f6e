#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "mien/nn/config.h"
#include "mien/nn/sequential.h"

namespace mien::io {

using Json = nlohmann::ordered_json;

/// Plain values as JSON, and back: null, numbers, strings, lists of them, objects (a List of one
/// Config).
Json plain_json(const nn::Config& config);
nn::Config plain_config(const Json& object);

/// {"class_name": "Sequential", "config": {"name": .., "layers": [..]}}, as both generations of
/// Keras read it.
Json keras_model_json(const nn::Sequential& model);

/// The config that nn::make_layer() takes for the model of such a JSON. Throws IoError naming the
/// file and the layer for what is not read: other than Sequential models, channels first, a missing
/// input shape.
nn::Config keras_model_config(const Json& model, const std::string& path);

}  // namespace mien::io
