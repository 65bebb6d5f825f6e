#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "mien/base/pool.h"

namespace mien {

/// A list of usually one or two things: the first N lie inside the object, more move all of them to
/// a block from the pool. T can be made without arguments.
template <class T, std::size_t N = 4>
class Few {
 public:
  Few() = default;
  Few(T only) { push_back(std::move(only)); }
  Few(std::initializer_list<T> items) {
    for (const T& item : items) push_back(item);
  }
  explicit Few(std::span<const T> items) {
    for (const T& item : items) push_back(item);
  }

  /// Appends one.
  void push_back(T item) {
    if (many_.empty() && size_ < N) {
      inside_[size_++] = std::move(item);
      return;
    }
    if (many_.empty()) {
      many_.reserve(2 * N);
      for (T& each : inside_) many_.push_back(std::exchange(each, T()));
    }
    many_.push_back(std::move(item));
    size_ = many_.size();
  }
  /// Makes it empty.
  void clear() {
    for (T& each : inside_) each = T();
    many_.clear();
    size_ = 0;
  }

  /// As of a std::vector.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return many_.empty() ? inside_.data() : many_.data(); }
  const T* data() const { return many_.empty() ? inside_.data() : many_.data(); }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  operator std::span<const T>() const { return {data(), size_}; }

 private:
  std::array<T, N> inside_{};
  std::vector<T, PoolAllocator<T>> many_;
  std::size_t size_ = 0;
};

}  // namespace mien
