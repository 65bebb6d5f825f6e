#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace mien {

/// Owns one object of any type derived from Base, made from a plain value.
///
/// ```cpp
/// Box<optim::Optimizer> optimizer = optim::Adam(1e-4);
/// double lr = optimizer->lr();
/// ```
template <class Base>
class Box {
 public:
  /// Holds nothing.
  Box() = default;
  template <std::derived_from<Base> T>
  Box(T value) : object_(std::make_unique<T>(std::move(value))) {}
  template <std::derived_from<Base> T>
  Box(std::unique_ptr<T> object) : object_(std::move(object)) {}

  /// The object, which a Box that is false does not have.
  Base& operator*() const { return *object_; }
  Base* operator->() const { return object_.get(); }
  Base* get() const { return object_.get(); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  std::unique_ptr<Base> object_;
};

/// Owns several objects of types derived from Base, made from plain values.
///
/// ```cpp
/// BoxList<Callback> list = {EarlyStopping(), TerminateOnNaN()};
/// ```
template <class Base>
class BoxList {
 public:
  BoxList() = default;
  template <class... T>
  requires(sizeof...(T) > 0 && (std::derived_from<T, Base> && ...)) BoxList(T... values) {
    (items_.emplace_back(std::move(values)), ...);
  }

  /// Appends one.
  void add(Box<Base> item) { items_.push_back(std::move(item)); }
  /// The boxes, for a loop.
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::size_t size() const { return items_.size(); }
  /// The object number i.
  Base& operator[](std::size_t i) const { return *items_[i]; }

 private:
  std::vector<Box<Base>> items_;
};

}  // namespace mien
