#include "lib/io/keras_config.h"

#include <cctype>
#include <nlohmann/json.hpp>

#include "mien/base/error.h"
#include "mien/nn/registry.h"

namespace mien::io {
namespace {

using nn::Config;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Keys under which Keras keeps an object {"class_name": .., "config": {..}}.
bool holds_object(const std::string& key) {
  return ends_with(key, "_initializer") || ends_with(key, "_regularizer");
}

// Keys under which TimeDistributed and Bidirectional keep layers.
bool holds_layer(const std::string& key) { return key == "layer" || key == "backward_layer"; }

// "glorot_uniform", as old files have it, is the class GlorotUniform.
std::string class_of(const std::string& snake) {
  std::string out;
  bool up = true;
  for (const char c : snake) {
    if (c == '_') {
      up = true;
      continue;
    }
    out += up ? char(std::toupper(static_cast<unsigned char>(c))) : c;
    up = false;
  }
  return out;
}

// {"class_name": "L2", "config": {"l2": 0.1}} -> {class_name: L2, l2: 0.1}
Config::Value object_value(const Json& value) {
  if (value.is_string())
    return Config::List{Config().set("class_name", class_of(value.get<std::string>()))};
  if (!value.is_object()) return std::monostate();
  Config out;
  out.set("class_name", Config::Value(text_at(value, "class_name")));
  const Config arguments = plain_config(value_at(value, "config"));
  for (const Config::Item& item : arguments.items()) out.set(item.key, item.value);
  return Config::List{out};
}

// "relu", or {"class_name": "function", "config": "relu", ...}.
Config::Value activation_value(const Json& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return std::string("linear");
  const bool named = value_at(value, "config").is_string();
  MIEN_CHECK(named, IoError, where, " has an activation that is not read: ", value.dump());
  return text_at(value, "config");
}

// All layers compute in f32: other types are told, or refused where the numbers are of no type that
// this comes close to.
void check_dtype(const Json& dtype, const std::string& where, std::vector<std::string>* notes) {
  const std::string name =
      dtype.is_string() ? dtype.get<std::string>() : text_at(value_at(dtype, "config"), "name");
  if (name.empty() || name == "float32") return;
  const bool near = name == "mixed_bfloat16" || name == "mixed_float16" || name == "bfloat16" ||
                    name == "float16" || name == "float64";
  MIEN_CHECK(near, IoError, where, " computes in ", name, ", which is not read");
  if (notes) notes->push_back(where + " computes in " + name + " there, in float32 here");
}

bool is_pair_of_pairs(const std::string& kind) {
  return kind == "ZeroPadding2D" || kind == "Cropping2D";
}

const char* module_of(const std::string& kind) {
  if (kind == "LayerScale" || kind == "StochasticDepth") return "keras.src.applications.convnext";
  if (kind == "CustomScaleLayer") return "keras.src.applications.inception_resnet_v2";
  return "keras.layers";
}

Json config_json(const Config& layer, const std::string& kind, KerasGeneration generation) {
  Json config = Json::object();
  for (const Config::Item& item : layer.items()) {
    if (item.key == "class_name") continue;
    MIEN_CHECK(item.key != "activation" || layer.get_string("activation", "") != "gelu_tanh",
               ValueError, "save_model: layer '", layer.get_string("name", ""),
               "' has the activation gelu_tanh, for which Keras has no name");
    const auto* nested = std::get_if<Config::List>(&item.value);
    if (holds_object(item.key) && nested && nested->size() == 1) {
      Json arguments = plain_json(nested->front());
      arguments.erase("class_name");
      config[item.key] = {{"class_name", nested->front().get_string("class_name", "")},
                          {"config", arguments}};
      if (generation == KerasGeneration::three)
        config[item.key] = keras_object(
            ends_with(item.key, "_initializer") ? "keras.initializers" : "keras.regularizers",
            nested->front().get_string("class_name", ""), arguments);
    } else if (holds_layer(item.key) && nested && nested->size() == 1) {
      MIEN_CHECK(!nested->front().has("layers"), ValueError, "save_model: layer '",
                 layer.get_string("name", ""), "' holds a model, which is not written");
      // Even in .h5 files Keras 3 finds no class inside a layer without its module.
      const std::string inside = nested->front().get_string("class_name", "");
      config[item.key] =
          keras_object(module_of(inside), inside, config_json(nested->front(), inside, generation));
    } else {
      config[item.key] = plain_json(item.value);
    }
    if (item.key == "noise_shape")
      for (Json& size : config[item.key]) size = size == -1 ? Json() : size;
    if (item.key == "trainable") config["dtype"] = keras_dtype(generation);
  }
  for (const char* key : {"padding", "cropping"}) {
    const Config::Value* value = layer.find(key);
    const auto* four = value ? std::get_if<Config::Ints>(value) : nullptr;
    if (is_pair_of_pairs(kind) && four && four->size() == 4)
      config[key] = {{(*four)[0], (*four)[1]}, {(*four)[2], (*four)[3]}};
  }
  return config;
}

Config layer_from(const std::string& kind, const Json& config, const std::string& where,
                  std::vector<std::string>* notes) {
  Config out;
  out.set("class_name", Config::Value(kind));
  for (const auto& [key, value] : config.items()) {
    if (key == "class_name") continue;
    if (key == "dtype") {
      check_dtype(value, where, notes);
    } else if (holds_object(key)) {
      out.set(key, object_value(value));
    } else if (holds_layer(key) && value.is_object()) {
      const Json& inside = value_at(value, "config");
      MIEN_CHECK(inside.is_object() && !inside.contains("layers"), IoError, where, ": a ",
                 keras_class(value), " inside is not read");
      out.set(key, Config::List{layer_from(keras_class(value), inside, where, notes)});
    } else if (ends_with(key, "_constraint")) {
      MIEN_CHECK(value.is_null(), IoError, where, ": ", key, " is not supported");
    } else if (ends_with(key, "activation")) {
      out.set(key, activation_value(value, where));
    } else {
      out.set(key, plain_value(value));
    }
  }
  MIEN_CHECK(text_at(config, "data_format") != "channels_first", IoError, where,
             " has channels first; only channels_last is read");
  return out;
}

// A penalty that the layer did not take in would silently be lost.
void check_penalties(const Config& given, const nn::Module& layer, const std::string& where) {
  const Config own = layer.config();
  for (const Config::Item& item : given.items()) {
    const auto* penalty = std::get_if<Config::List>(&item.value);
    if (!ends_with(item.key, "_regularizer") || !penalty) continue;
    const Config::Value* taken = own.find(item.key);
    const bool none = penalty->front().get_double("l1", 0) == 0 &&
                      penalty->front().get_double("l2", 0) == 0 &&
                      penalty->front().get_string("class_name", "").rfind("L", 0) == 0;
    MIEN_CHECK(none || (taken && std::holds_alternative<Config::List>(*taken)), IoError, where,
               ": ", item.key, " is not supported");
  }
}

}  // namespace

std::string keras_class(const Json& layer) {
  const std::string name = text_at(layer, "class_name");
  return name.substr(name.find('>') + 1);
}

Json keras_object(const char* module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

Json keras_dtype(KerasGeneration generation) {
  if (generation == KerasGeneration::two) return "float32";
  return keras_object("keras", "DTypePolicy", {{"name", "float32"}});
}

std::unique_ptr<nn::Module> keras_layer(const Json& entry, const std::string& path,
                                        std::vector<std::string>* notes) {
  const std::string kind = keras_class(entry);
  const Json& config = value_at(entry, "config");
  MIEN_CHECK(!kind.empty() && config.is_object(), IoError, path,
             ": a layer is not described by class_name and config");
  const std::string name = text_at(config, "name");
  const std::string where = path + ": layer '" + (name.empty() ? kind : name) + "'";
  const Config given = layer_from(kind, config, where, notes);
  try {
    std::unique_ptr<nn::Module> layer = nn::make_layer(given);
    check_penalties(given, *layer, where);
    return layer;
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {
    const bool told = std::string_view(error.what()).find("'" + name + "'") != std::string::npos;
    throw IoError(concat(told ? path : where, ": ", error.what()));
  }
}

Json keras_layer_json(const nn::Module& layer, KerasGeneration generation) {
  const std::string kind(layer.kind());
  Json config = config_json(nn::layer_config(layer), kind, generation);
  if (generation == KerasGeneration::two)
    return {{"class_name", kind}, {"config", std::move(config)}};
  Json out = keras_object(module_of(kind), kind, std::move(config));
  if (out["module"] != "keras.layers") out["registered_name"] = kind;
  return out;
}

}  // namespace mien::io
