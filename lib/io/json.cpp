#include "lib/io/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mien/base/error.h"

namespace mien::io {
namespace {

using nn::Config;

// A model inside a model takes some six levels.
constexpr int kDeepest = 400;

// The parser does not recurse; what walks through its result does.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

Config::Value list_value(const Json& list) {
  const auto all = [&list](auto test) { return std::all_of(list.begin(), list.end(), test); };
  if (all([](const Json& e) { return e.is_number_integer(); })) return list.get<Config::Ints>();
  if (all([](const Json& e) { return e.is_number_integer() || e.is_null(); })) {
    Config::Ints out;  // [null, 1, 3], such as shapes: -1 where a size is open
    for (const Json& each : list) out.push_back(each.is_null() ? -1 : each.get<std::int64_t>());
    return out;
  }
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

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  MIEN_CHECK(!too_deep(text), IoError, where, " is nested too deeply");
  Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  MIEN_CHECK(!parsed.is_discarded(), IoError, where, " is damaged: it is no JSON");
  return parsed;
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

Config plain_config(const Json& object) {
  Config out;
  for (const auto& [key, value] : object.items()) out.set(key, plain_value(value));
  return out;
}

Json plain_json(const Config::Value& value) {
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

Json plain_json(const Config& config) {
  Json out = Json::object();
  for (const Config::Item& item : config.items()) out[item.key] = plain_json(item.value);
  return out;
}

const Json& value_at(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = value_at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace mien::io
