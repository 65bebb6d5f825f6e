#include "lib/io/keras_config.h"

#include <algorithm>
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

Json value_json(const Config::Value& value) {
  if (const auto* list = std::get_if<Config::List>(&value)) {
    if (list->size() == 1) return plain_json(list->front());
    Json out = Json::array();
    for (const Config& each : *list) out.push_back(plain_json(each));
    return out;
  }
  return std::visit(
      [](const auto& plain) -> Json {
        using T = std::decay_t<decltype(plain)>;
        if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, Config::List>) {
          return nullptr;
        } else {
          return plain;
        }
      },
      value);
}

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

Config::Value list_value(const Json& list) {
  const auto all = [&list](auto test) { return std::all_of(list.begin(), list.end(), test); };
  if (all([](const Json& e) { return e.is_number_integer(); })) return list.get<Config::Ints>();
  if (all([](const Json& e) { return e.is_number(); })) return list.get<Config::Doubles>();
  if (all([](const Json& e) { return e.is_string(); })) return list.get<Config::Strings>();
  if (all([](const Json& e) { return e.is_object(); })) {
    Config::List out;
    for (const Json& each : list) out.push_back(plain_config(each));
    return out;
  }
  if (all([](const Json& e) {
        return e.is_array();
      })) {  // [[1, 1], [2, 2]], such as paddings: one after the other
    Config::Ints out;
    for (const Json& each : list)
      for (const Json& inner : each)
        if (inner.is_number_integer()) out.push_back(inner.get<std::int64_t>());
    return out;
  }
  return std::monostate();
}

Config::Value plain_value(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) return list_value(value);
  if (value.is_object()) return Config::List{plain_config(value)};
  return std::monostate();
}

// {"class_name": "L2", "config": {"l2": 0.1}} -> {class_name: L2, l2: 0.1}
Config::Value object_value(const Json& value) {
  if (value.is_string())
    return Config::List{Config().set("class_name", class_of(value.get<std::string>()))};
  if (!value.is_object()) return std::monostate();
  Config out;
  out.set("class_name", value.value("class_name", std::string()));
  if (value.contains("config") && value["config"].is_object()) {
    const Config arguments = plain_config(value["config"]);
    for (const Config::Item& item : arguments.items()) out.set(item.key, item.value);
  }
  return Config::List{out};
}

// "relu", or {"class_name": "function", "config": "relu", ...}.
Config::Value activation_value(const Json& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return std::string("linear");
  const bool named = value.is_object() && value.contains("config") && value["config"].is_string();
  MIEN_CHECK(named, IoError, where, " has an activation that is not read: ", value.dump());
  return value["config"].get<std::string>();
}

Json layer_json(const Config& layer) {
  const std::string kind = layer.get_string("class_name", "");
  Json config = Json::object();
  for (const Config::Item& item : layer.items()) {
    if (item.key == "class_name") continue;
    MIEN_CHECK(item.key != "activation" || layer.get_string("activation", "") != "gelu_tanh",
               ValueError, "save_keras: layer '", layer.get_string("name", ""),
               "' has the activation gelu_tanh, for which Keras has no name");
    const auto* nested = std::get_if<Config::List>(&item.value);
    if (holds_object(item.key) && nested && nested->size() == 1) {
      Json arguments = plain_json(nested->front());
      arguments.erase("class_name");
      config[item.key] = {{"class_name", nested->front().get_string("class_name", "")},
                          {"config", arguments}};
    } else {
      config[item.key] = value_json(item.value);
    }
    if (item.key == "trainable") config["dtype"] = "float32";
  }
  // {top, bottom, left, right} is [[top, bottom], [left, right]] there.
  const auto edges = config.find(kind == "ZeroPadding2D" ? "padding" : "cropping");
  if (edges != config.end() && edges->is_array() && edges->size() == 4)
    *edges = Json{{(*edges)[0], (*edges)[1]}, {(*edges)[2], (*edges)[3]}};
  return {{"class_name", kind}, {"config", config}};
}

// Keras's shape with its open batch, such as [null, 48, 48, 1], without it.
Config::Ints sample_shape(const Json& shape, const std::string& where) {
  MIEN_CHECK(shape.is_array() && !shape.empty(), IoError, where, " has no input shape");
  Config::Ints out;
  for (std::size_t i = 1; i < shape.size(); ++i) {
    MIEN_CHECK(shape[i].is_number_unsigned(), IoError, where, " has an open or wrong input shape ",
               shape.dump(), "; all sizes but the batch must be given");
    out.push_back(shape[i].get<std::int64_t>());
  }
  return out;
}

const Json* first_of(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (object.contains(key) && !object[key].is_null()) return &object[key];
  return nullptr;
}

Config layer_from(const std::string& kind, const Json& config, const std::string& where) {
  Config out;
  out.set("class_name", kind);
  for (const auto& [key, value] : config.items()) {
    if (key == "class_name" || key == "dtype") continue;
    if (holds_object(key)) {
      out.set(key, object_value(value));
    } else if (key == "activation") {
      out.set(key, activation_value(value, where));
    } else {
      out.set(key, plain_value(value));
    }
  }
  MIEN_CHECK(
      !std::holds_alternative<std::string>(plain_value(config.value("data_format", Json()))) ||
          config["data_format"] != "channels_first",
      IoError, where, " has channels first; only channels_last is read");
  return out;
}

}  // namespace

Json plain_json(const Config& config) {
  Json out = Json::object();
  for (const Config::Item& item : config.items()) out[item.key] = value_json(item.value);
  return out;
}

Config plain_config(const Json& object) {
  Config out;
  for (const auto& [key, value] : object.items()) out.set(key, plain_value(value));
  return out;
}

Json keras_model_json(const nn::Sequential& model) {
  Json layers = Json::array();
  Json input = {{"batch_input_shape", Json::array({nullptr})},
                {"dtype", "float32"},
                {"sparse", false},
                {"ragged", false},
                {"name", model.layer(std::size_t(0)).name() + "_input"}};
  for (const std::int64_t size : model.input_shape()) input["batch_input_shape"].push_back(size);
  layers.push_back({{"class_name", "InputLayer"}, {"config", input}});
  for (std::size_t i = 0; i < model.size(); ++i) {
    const auto* nested = dynamic_cast<const nn::Sequential*>(&model.layer(i));
    layers.push_back(nested ? keras_model_json(*nested)
                            : layer_json(nn::layer_config(model.layer(i))));
  }
  const std::string name = model.name().empty() ? "sequential" : model.name();
  return {{"class_name", "Sequential"}, {"config", {{"name", name}, {"layers", layers}}}};
}

Config keras_model_config(const Json& model, const std::string& path) {
  const std::string kind =
      model.is_object() ? model.value("class_name", std::string()) : std::string();
  MIEN_CHECK(kind == "Sequential", IoError, path, ": holds a model of class '", kind,
             "'; only Sequential models are read");
  const Json& inner = model.contains("config") ? model["config"] : model;
  const Json* list =
      inner.is_array() ? &inner : first_of(inner, {"layers"});  // a bare list in the oldest files
  MIEN_CHECK(list && list->is_array(), IoError, path, ": its Sequential model lists no layers");
  Config out;
  out.set("class_name", "Sequential");
  const Json* shape = inner.is_object() ? first_of(inner, {"build_input_shape"}) : nullptr;
  Config::List layers;
  for (const Json& layer : *list) {
    const bool told = layer.is_object() && layer.contains("class_name") &&
                      layer["class_name"].is_string() && layer.contains("config") &&
                      layer["config"].is_object();
    MIEN_CHECK(told, IoError, path, ": a layer is not described by class_name and config");
    const auto layer_kind = layer["class_name"].get<std::string>();
    const Json& config = layer["config"];
    const std::string where = path + ": layer '" + config.value("name", layer_kind) + "'";
    if (layers.empty())
      if (const Json* given = first_of(config, {"batch_shape", "batch_input_shape"})) shape = given;
    if (layer_kind == "InputLayer") continue;
    layers.push_back(layer_kind == "Sequential" ? keras_model_config(layer, path)
                                                : layer_from(layer_kind, config, where));
  }
  if (inner.is_object() && inner.contains("name") && inner["name"].is_string())
    out.set("name", inner["name"].get<std::string>());
  if (shape) out.set("input_shape", sample_shape(*shape, path + ": the model"));
  return out.set("layers", std::move(layers));
}

}  // namespace mien::io
