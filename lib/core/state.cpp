#include "mien/state.h"

#include "mien/base/error.h"

namespace mien {

State::State() = default;
State::State(State&&) noexcept = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

State::Item* State::find(std::string_view name) {
  for (Item& item : items_)
    if (item.name == name) return &item;
  return nullptr;
}
const State::Item* State::find(std::string_view name) const {
  return const_cast<State*>(this)->find(name);
}

void State::put(std::string_view name, Value value) {
  if (Item* item = find(name)) {
    item->value = std::move(value);
  } else {
    items_.push_back({std::string(name), std::move(value)});
  }
}

void State::set(std::string_view name, std::int64_t value) { put(name, value); }
void State::set(std::string_view name, double value) { put(name, value); }
void State::set(std::string_view name, std::string value) { put(name, std::move(value)); }
void State::set(std::string_view name, Tensor value) { put(name, std::move(value)); }

State& State::group(std::string_view name) {
  if (!find(name)) items_.push_back({std::string(name), std::make_unique<State>()});
  auto* inner = std::get_if<std::unique_ptr<State>>(&find(name)->value);
  MIEN_CHECK(inner, ValueError, "state: '", name, "' holds a value, not a group");
  return **inner;
}

void State::copy_from(const State& other) {
  for (const Item& item : other.items_) {
    const auto copy = [&](const auto& value) {
      if constexpr (requires { value->items_; }) {
        group(item.name).copy_from(*value);
      } else {
        put(item.name, value);
      }
    };
    std::visit(copy, item.value);
  }
}

bool State::has(std::string_view name) const { return find(name) != nullptr; }

const State::Value& State::need(std::string_view name, const char* type) const {
  const Item* item = find(name);
  MIEN_CHECK(item, ValueError, "checkpoint: no '", name, "' (", type, ")");
  return item->value;
}

namespace {

template <class T>
const T& as(const State::Value& value, std::string_view name, const char* type) {
  const T* got = std::get_if<T>(&value);
  MIEN_CHECK(got, ValueError, "checkpoint: '", name, "' is not ", type);
  return *got;
}

}  // namespace

std::int64_t State::get_int(std::string_view name) const {
  return as<std::int64_t>(need(name, "an integer"), name, "an integer");
}
double State::get_double(std::string_view name) const {
  return as<double>(need(name, "a number"), name, "a number");
}
const std::string& State::get_string(std::string_view name) const {
  return as<std::string>(need(name, "a string"), name, "a string");
}
const Tensor& State::get_tensor(std::string_view name) const {
  return as<Tensor>(need(name, "a tensor"), name, "a tensor");
}
const State& State::get_group(std::string_view name) const {
  return *as<std::unique_ptr<State>>(need(name, "a group"), name, "a group");
}

}  // namespace mien
