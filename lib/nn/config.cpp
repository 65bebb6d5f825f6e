#include "mien/nn/config.h"

#include "mien/base/error.h"

namespace mien::nn {

Config::Config() = default;
Config::Config(const Config&) = default;
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(Config other) noexcept {
  items_.swap(other.items_);
  return *this;
}
Config::~Config() = default;

Config& Config::set(std::string_view key, Value value) {
  for (Item& item : items_) {
    if (item.key != key) continue;
    item.value = std::move(value);
    return *this;
  }
  items_.push_back({std::string(key), std::move(value)});
  return *this;
}

const Config::Value* Config::find(std::string_view key) const {
  for (const Item& item : items_)
    if (item.key == key) return &item.value;
  return nullptr;
}

bool Config::has(std::string_view key) const { return find(key) != nullptr; }
bool Config::empty() const { return items_.empty(); }

namespace {

// The value where it is there and not null.
const Config::Value* given(const Config& config, std::string_view key) {
  const Config::Value* value = config.find(key);
  return value && !std::holds_alternative<std::monostate>(*value) ? value : nullptr;
}

template <class T>
const T& as(const Config::Value& value, std::string_view key, const char* type) {
  const T* got = std::get_if<T>(&value);
  MIEN_CHECK(got, ValueError, "config: '", key, "' must be ", type);
  return *got;
}

}  // namespace

std::int64_t Config::get_int(std::string_view key, std::int64_t fallback) const {
  const Value* value = given(*this, key);
  return value ? as<std::int64_t>(*value, key, "an integer") : fallback;
}

std::int64_t Config::need_int(std::string_view key) const {
  MIEN_CHECK(given(*this, key), ValueError, "config: no '", key, "'");
  return get_int(key, 0);
}

double Config::get_double(std::string_view key, double fallback) const {
  const Value* value = given(*this, key);
  if (!value) return fallback;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return double(*whole);
  return as<double>(*value, key, "a number");
}

bool Config::get_bool(std::string_view key, bool fallback) const {
  const Value* value = given(*this, key);
  return value ? as<bool>(*value, key, "true or false") : fallback;
}

std::string Config::get_string(std::string_view key, std::string_view fallback) const {
  const Value* value = given(*this, key);
  return value ? as<std::string>(*value, key, "a string") : std::string(fallback);
}

Config::Ints Config::get_ints(std::string_view key, const Ints& fallback) const {
  const Value* value = given(*this, key);
  if (!value) return fallback;
  if (const auto* one = std::get_if<std::int64_t>(value)) return {*one};
  return as<Ints>(*value, key, "a list of integers");
}

Config::Strings Config::get_strings(std::string_view key) const {
  const Value* value = given(*this, key);
  return value ? as<Strings>(*value, key, "a list of strings") : Strings();
}

const Config::List& Config::get_list(std::string_view key) const {
  static const List none;
  const Value* value = given(*this, key);
  return value ? as<List>(*value, key, "a list") : none;
}

}  // namespace mien::nn
