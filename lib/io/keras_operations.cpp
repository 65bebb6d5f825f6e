#include "lib/io/keras_operations.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/io/operation_names.h"
#include "mien/base/error.h"

namespace mien::io {
namespace {

using nn::Config;

bool is_number_list(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& each) {
           return each.is_number() || is_number_list(each);
         });
}

void flatten(const Json& value, std::size_t axis, nn::Operand& out, const std::string& where) {
  if (value.is_number()) {
    MIEN_CHECK(axis == out.shape.size(), IoError, where, " has a constant that is not even");
    out.values.push_back(value.get<double>());
    return;
  }
  MIEN_CHECK(axis < out.shape.size() && value.size() == std::size_t(out.shape[axis]), IoError,
             where, " has a constant that is not even");
  for (const Json& each : value) flatten(each, axis + 1, out, where);
}

// A number, or a list of them as both generations write arrays.
nn::Operand constant_from(const Json& value, const std::string& where) {
  const std::string kind = text_at(value, "class_name");
  if (kind == "__numpy__" || kind == "__tensor__")
    return constant_from(value_at(value_at(value, "config"), "value"), where);
  nn::Operand out;
  if (value.is_boolean()) {
    out.values = {value.get<bool>() ? 1.0 : 0.0};
    return out;
  }
  MIEN_CHECK(value.is_number() || is_number_list(value), IoError, where,
             " has an operand that is not read: ", value.dump());
  for (const Json* level = &value; level->is_array() && !level->empty(); level = &level->front())
    out.shape.push_back(std::int64_t(level->size()));
  MIEN_CHECK(out.shape.size() <= std::size_t(Shape::kMaxRank), IoError, where,
             " has a constant of too many axes");
  flatten(value, 0, out, where);
  return out;
}

// An index or range of Python's, as nn::Operation's get_item takes it.
std::string key_part(const Json& value, const std::string& where) {
  if (value.is_null()) return "newaxis";
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  const std::string kind = text_at(value, "class_name");
  if (kind == "__ellipsis__" || value == "...") return "...";
  const Json& range = kind == "__slice__" ? value_at(value, "config") : value;
  std::string out;
  for (const char* part : {"start", "stop", "step"}) {
    const Json& bound = value_at(range, part);
    MIEN_CHECK(range.is_object() && (bound.is_null() || bound.is_number_integer()), IoError, where,
               " has an index that is not read: ", value.dump());
    if (!out.empty() || part != std::string_view("start")) out += ":";
    if (!bound.is_null()) out += std::to_string(bound.get<std::int64_t>());
  }
  while (out.size() > 1 && out.back() == ':' && std::count(out.begin(), out.end(), ':') > 1)
    out.pop_back();  // "1:3:" without a step is "1:3"
  return out;
}

Config::Value key_value(const Json& key, const std::string& where) {
  Config::Strings out;
  if (key.is_array()) {
    for (const Json& each : key) out.push_back(key_part(each, where));
  } else {
    out.push_back(key_part(key, where));
  }
  return out;
}

Config::Value argument_value(const Json& value, const std::string& name, const std::string& where) {
  if (name == "key") return key_value(value, where);
  if (name != "newshape" || !value.is_array()) return plain_value(value);
  Config::Ints shape;  // an open size is null or -1
  for (const Json& each : value) {
    MIEN_CHECK(each.is_null() || each.is_number_integer(), IoError, where,
               " has a shape that is not read: ", value.dump());
    shape.push_back(each.is_null() ? -1 : each.get<std::int64_t>());
  }
  return shape;
}

// Puts what a call gives in the places that the function has for it.
class Arguments {
 public:
  Arguments(const OperationNames& names, const KerasCall& call, const std::string& where)
      : names_(names), call_(call), where_(where) {}

  nn::OperationOptions read(const Json& config, std::string name) {
    out_.name = std::move(name);
    std::size_t place = 0;
    for (const Json& each : call_.arguments) take(place++, each);
    for (const auto& [key, value] : call_.named.items()) take_named(key, value);
    for (const auto& [key, value] : config.items()) {
      MIEN_CHECK(key != "dtype" || !value.is_string() || value == "float32", IoError, where_,
                 " computes in ", value.dump(), ", which is not read");
      const std::string_view known = names_.argument(key);
      if (!known.empty() && !out_.arguments.has(known))
        out_.arguments.set(known, argument_value(value, std::string(known), where_));
    }
    const std::size_t wanted = names_.operands < 0 ? 1 : std::size_t(names_.operands);
    const bool whole = out_.operands.size() >= wanted &&
                       std::none_of(out_.operands.begin(), out_.operands.end(),
                                    [](const nn::Operand& each) { return is_empty(each); });
    MIEN_CHECK(whole, IoError, where_, " lacks an operand of ", names_.function);
    return std::move(out_);
  }

 private:
  static bool is_empty(const nn::Operand& each) { return each.input < 0 && each.values.empty(); }

  void take(std::size_t place, const Json& value) {
    if (names_.operands < 0 && place == 0) {
      MIEN_CHECK(value.is_array(), IoError, where_, " takes a list of tensors");
      for (const Json& each : value) out_.operands.push_back(operand(each));
    } else if (place < std::size_t(std::max(names_.operands, 1))) {
      if (out_.operands.size() <= place) out_.operands.resize(place + 1);
      out_.operands[place] = operand(value);
    } else {
      const std::string_view name =
          names_.argument_at(place - std::size_t(std::max(names_.operands, 1)));
      MIEN_CHECK(!name.empty(), IoError, where_, " has too many arguments for ", names_.function);
      out_.arguments.set(name, argument_value(value, std::string(name), where_));
    }
  }

  void take_named(const std::string& key, const Json& value) {
    const int place = names_.operand(key);
    const std::string_view known = names_.argument(key);
    if (place >= 0 && !(value.is_null() && out_.operands.size() > std::size_t(place))) {
      take(std::size_t(place), value);
    } else if (!known.empty()) {
      if (!value.is_null())
        out_.arguments.set(known, argument_value(value, std::string(known), where_));
    } else {
      const bool harmless = value.is_null() || value == false || key == "name" ||
                            (key == "dtype" && value == "float32");
      MIEN_CHECK(harmless, IoError, where_, " has the argument '", key, "' = ", value.dump(),
                 ", which is not read");
    }
  }

  nn::Operand operand(const Json& value) {
    const int place = input_place(value);
    if (place >= 0) return {.input = place};
    return constant_from(value, where_);
  }

  const OperationNames& names_;
  const KerasCall& call_;
  const std::string& where_;
  nn::OperationOptions out_;
};

bool is_tensorflow(const Json& entry) {
  const std::string kind = keras_class(entry);
  return kind == "TFOpLambda" || kind == "SlicingOpLambda" || kind == "TensorFlowOpLayer";
}

Json constant_json(const nn::Operand& operand, KerasGeneration generation) {
  if (operand.shape.empty()) return operand.values[0];
  std::size_t next = 0;
  const auto list = [&](const auto& self, std::size_t axis) -> Json {
    if (axis == operand.shape.size()) return operand.values[next++];
    Json out = Json::array();
    for (std::int64_t i = 0; i < operand.shape[axis]; ++i) out.push_back(self(self, axis + 1));
    return out;
  };
  Json values = list(list, 0);
  if (generation == KerasGeneration::two) return values;
  return {{"class_name", "__numpy__"},
          {"config", {{"value", std::move(values)}, {"dtype", "float32"}}}};
}

Json key_json(const Config::Strings& key, KerasGeneration generation) {
  Json out = Json::array();
  for (const std::string& part : key) {
    if (part == "newaxis") {
      out.push_back(nullptr);
    } else if (part == "...") {
      out.push_back({{"class_name", "__ellipsis__"}, {"config", Json::object()}});
    } else if (part.find(':') == std::string::npos) {
      out.push_back(std::stoll(part));
    } else {
      Json range = {{"start", nullptr}, {"stop", nullptr}, {"step", nullptr}};
      std::size_t begin = 0;
      for (const char* name : {"start", "stop", "step"}) {
        const std::size_t end = std::min(part.find(':', begin), part.size());
        if (end > begin) range[name] = std::stoll(part.substr(begin, end - begin));
        begin = std::min(end + 1, part.size());
      }
      out.push_back(generation == KerasGeneration::two
                        ? range
                        : Json{{"class_name", "__slice__"}, {"config", range}});
    }
  }
  return out;
}

}  // namespace

bool is_operation(const Json& entry) {
  if (is_tensorflow(entry)) return true;
  if (!operation_of_class(keras_class(entry))) return false;
  // Layers have the same class names; they alone can be frozen.
  const std::string module = text_at(entry, "module");
  return module.find(".ops.") != std::string::npos ||
         (module.empty() && !value_at(entry, "config").contains("trainable"));
}

nn::Operation operation_from(const Json& entry, const KerasCall& call, const std::string& where) {
  const Json& config = value_at(entry, "config");
  const std::string name =
      text_at(entry, "name").empty() ? text_at(config, "name") : text_at(entry, "name");
  const bool tensorflow = is_tensorflow(entry);
  const std::string function = tensorflow ? text_at(config, "function") : keras_class(entry);
  const OperationNames* names =
      tensorflow ? operation_of_tensorflow(function) : operation_of_class(function);
  MIEN_CHECK(names, IoError, where, " calls the function ", function, ", which is not read");
  nn::OperationOptions options =
      Arguments(*names, call, where).read(tensorflow ? Json::object() : config, name);
  // TensorFlow's default is the exact one, Keras's the approximation.
  if (tensorflow && names->function == "gelu" && !options.arguments.has("approximate"))
    options.arguments.set("approximate", false);
  return nn::Operation(std::string(names->function), std::move(options));
}

Json operation_json(const nn::Operation& operation, const std::vector<Json>& inputs,
                    KerasGeneration generation) {
  const OperationNames& names = *operation_named(operation.function());
  const nn::OperationOptions& options = operation.options();
  const bool two = generation == KerasGeneration::two;
  std::vector<Json> operands;
  for (const nn::Operand& each : options.operands)
    operands.push_back(each.input >= 0 ? inputs.at(std::size_t(each.input))
                                       : constant_json(each, generation));
  if (operands.empty()) operands = inputs;
  Json config = {{"name", operation.name()}};
  if (two) {
    // A SlicingOpLambda and a TFOpLambda: the first operand stands in front, the rest has names.
    Json named = Json::object();
    for (const auto& item : options.arguments.items())
      named[std::string(names.tensorflow_argument(item.key))] =
          item.key == "key" ? key_json(options.arguments.get_strings("key"), generation)
                            : plain_json(item.value);
    const bool slicing = names.function == "get_item";
    config.update({{"trainable", true},
                   {"dtype", "float32"},
                   {"function", std::string(names.tensorflow_name())}});
    Json node = Json::array();
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (i > 0 && names.operands > 0) {
        named[std::string(names.tensorflow_operand(i))] = operands[i];
        continue;
      }
      const bool constant = !options.operands.empty() && options.operands[i].input < 0;
      Json place = constant ? Json::array({"_CONSTANT_VALUE", -1, operands[i]}) : operands[i];
      node.push_back(std::move(place));
    }
    for (Json& each : node) each.push_back(named);
    return {{"class_name", slicing ? "SlicingOpLambda" : "TFOpLambda"},
            {"config", config},
            {"name", operation.name()},
            {"inbound_nodes", Json::array({names.operands > 0 ? node[0] : Json(node)})}};
  }
  Json arguments = Json::array();
  if (names.operands < 0) {
    arguments.push_back(Json(operands));
  } else {
    for (Json& each : operands) arguments.push_back(std::move(each));
  }
  for (const auto& item : options.arguments.items()) {
    if (item.key == "key") {
      arguments.push_back(key_json(options.arguments.get_strings("key"), generation));
    } else {
      config[item.key] = plain_json(item.value);
    }
  }
  Json out = keras_object(names.module, std::string(names.keras_class), std::move(config));
  out["registered_name"] = std::string(names.keras_class);
  out["name"] = operation.name();
  out["inbound_nodes"] = Json::array({{{"args", arguments}, {"kwargs", Json::object()}}});
  return out;
}

Json equivalent_layer(const nn::Operation& operation) {
  const std::string& function = operation.function();
  const nn::OperationOptions& options = operation.options();
  const auto named = [&](const char* kind, Json config) -> Json {
    Json all = {{"name", operation.name()}, {"trainable", true}, {"dtype", "float32"}};
    all.update(config);
    return {{"class_name", kind}, {"config", all}};
  };
  std::vector<double> constants;
  for (const nn::Operand& each : options.operands) {
    if (each.input >= 0) continue;
    if (!each.shape.empty()) return nullptr;
    constants.push_back(each.values[0]);
  }
  const std::pair<const char*, const char*> merges[] = {{"add", "Add"},
                                                        {"subtract", "Subtract"},
                                                        {"multiply", "Multiply"},
                                                        {"maximum", "Maximum"},
                                                        {"minimum", "Minimum"}};
  if (constants.empty())
    for (const auto& [from, to] : merges)
      if (function == from) return named(to, Json::object());
  if (constants.size() == 1) {
    const bool last = options.operands[1].input < 0;
    const double c = constants[0];
    const auto rescaling = [&](double scale, double offset) {
      return named("Rescaling", {{"scale", scale}, {"offset", offset}});
    };
    if (function == "add") return rescaling(1, c);
    if (function == "multiply") return rescaling(c, 0);
    if (function == "subtract") return last ? rescaling(1, -c) : rescaling(-1, c);
    if (function == "divide" && last && c != 0) return rescaling(1 / c, 0);
    return nullptr;
  }
  if (function == "relu6") return named("ReLU", {{"max_value", 6.0}});
  for (const char* each : {"relu", "sigmoid", "tanh", "silu", "selu", "softplus", "hard_sigmoid"})
    if (function == each)
      return named("Activation", {{"activation", function == "silu" ? "swish" : each}});
  if (function == "identity") return named("Activation", {{"activation", "linear"}});
  if (function == "concatenate")
    return named("Concatenate", {{"axis", options.arguments.get_int("axis", -1)}});
  return nullptr;
}

}  // namespace mien::io
