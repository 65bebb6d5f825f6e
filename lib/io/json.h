#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "mien/nn/config.h"

namespace mien::io {

using Json = nlohmann::ordered_json;

/// JSON of a file. Throws IoError beginning with `where` for text that is none and for lists and
/// objects inside each other deeper than any model has them.
Json parse_json(std::string_view text, const std::string& where);

/// Plain values as JSON, and back: null, numbers, strings, lists of them, objects (a List of one
/// Config).
Json plain_json(const nn::Config& config);
Json plain_json(const nn::Config::Value& value);
nn::Config plain_config(const Json& object);
nn::Config::Value plain_value(const Json& value);

/// The text under a key; empty where there is none, or something else.
std::string text_at(const Json& object, const char* key);
/// The value under a key; null where there is none or the object is none.
const Json& value_at(const Json& object, const char* key);

}  // namespace mien::io
