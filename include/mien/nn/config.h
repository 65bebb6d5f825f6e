#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mien::nn {

/// How a layer was made, as plain values under Keras's names: {"filters": 64, "kernel_size": [3,
/// 3], ...}. The border between layers and file formats: a format turns it into its own text and
/// back. Keeps the order of set().
///
/// ```cpp
/// nn::Config config = nn::Config().set("units", 7).set("use_bias", true);
/// std::int64_t units = config.get_int("units", 1);
/// ```
class Config {
 public:
  using Ints = std::vector<std::int64_t>;
  using Doubles = std::vector<double>;
  using Strings = std::vector<std::string>;
  using List = std::vector<Config>;
  /// monostate is Keras's null. A nested object ({"class_name": ...}) is a List of one Config.
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Ints, Doubles,
                             Strings, List>;
  struct Item;

  Config();
  Config(const Config&);
  Config(Config&&) noexcept;
  Config& operator=(Config) noexcept;
  ~Config();

  /// Sets or replaces; returns itself: Config().set("units", 7).set("use_bias", true).
  Config& set(std::string_view key, Value value);
  Config& set(std::string_view key, bool value) { return set(key, Value(value)); }
  Config& set(std::string_view key, int value) { return set(key, Value(std::int64_t(value))); }
  Config& set(std::string_view key, std::int64_t value) { return set(key, Value(value)); }
  Config& set(std::string_view key, double value) { return set(key, Value(value)); }
  Config& set(std::string_view key, const char* value) {
    return set(key, Value(std::string(value)));
  }

  /// Whether the key is there, null or not.
  bool has(std::string_view key) const;
  /// nullptr where there is none.
  const Value* find(std::string_view key) const;
  /// The value, or the fallback where the key is missing or null. Throws ValueError "config:
  /// 'units' must be an integer" where it is of another type; integers pass as doubles.
  std::int64_t get_int(std::string_view key, std::int64_t fallback) const;
  double get_double(std::string_view key, double fallback) const;
  bool get_bool(std::string_view key, bool fallback) const;
  std::string get_string(std::string_view key, std::string_view fallback) const;
  /// A single integer passes as a list of one.
  Ints get_ints(std::string_view key, const Ints& fallback) const;
  /// Empty where the key is missing.
  Strings get_strings(std::string_view key) const;
  const List& get_list(std::string_view key) const;
  /// As get_int, without a fallback: throws ValueError "config: no 'units'" where it is missing.
  std::int64_t need_int(std::string_view key) const;

  /// Keys and values in the order of their first set().
  const std::vector<Item>& items() const { return items_; }
  bool empty() const;

 private:
  std::vector<Item> items_;
};

struct Config::Item {
  std::string key;
  Value value;
};

}  // namespace mien::nn
