#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mien/tensor.h"

namespace mien {

/// What can be saved and loaded again, as an ordered tree of names: integers, doubles, strings,
/// tensors, and further States. Modules, optimizers, loaders, callbacks, generators and histories
/// write themselves into one; io::save_checkpoint keeps it in a file. A name may hold any
/// character.
///
/// ```cpp
/// State state;
/// state.set("epoch", 3);
/// state.group("model").set("kernel", Tensor::ones({2, 2}));
/// std::int64_t epoch = state.get_int("epoch");
/// ```
class State {
 public:
  using Value = std::variant<std::int64_t, double, std::string, Tensor, std::unique_ptr<State>>;
  struct Item;

  State();
  State(State&&) noexcept;
  State& operator=(State&&) noexcept;
  ~State();

  /// Sets or replaces a value. A Tensor is shared, not copied.
  void set(std::string_view name, std::int64_t value);
  void set(std::string_view name, int value) { set(name, std::int64_t(value)); }
  void set(std::string_view name, bool value) { set(name, std::int64_t(value)); }
  void set(std::string_view name, std::uint64_t value) { set(name, std::int64_t(value)); }
  void set(std::string_view name, double value);
  void set(std::string_view name, std::string value);
  void set(std::string_view name, const char* value) { set(name, std::string(value)); }
  void set(std::string_view name, Tensor value);
  /// The State of this name, made empty where there is none. Throws ValueError where the name holds
  /// a value.
  State& group(std::string_view name);

  /// Takes over all items of another State; a Tensor is shared, not copied.
  void copy_from(const State& other);

  /// Whether there is a value or group of this name.
  bool has(std::string_view name) const;
  /// The value. Throws ValueError "checkpoint: no 'epoch'" where it is missing or of another type.
  std::int64_t get_int(std::string_view name) const;
  double get_double(std::string_view name) const;
  const std::string& get_string(std::string_view name) const;
  const Tensor& get_tensor(std::string_view name) const;
  const State& get_group(std::string_view name) const;

  /// In the order of their first set().
  const std::vector<Item>& items() const { return items_; }
  bool empty() const { return items_.empty(); }

 private:
  Item* find(std::string_view name);
  const Item* find(std::string_view name) const;
  const Value& need(std::string_view name, const char* type) const;
  void put(std::string_view name, Value value);
  std::vector<Item> items_;
};

struct State::Item {
  std::string name;
  Value value;
};

}  // namespace mien
