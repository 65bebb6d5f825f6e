#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/args_rows.h"

namespace mien::cpu {

/// Rows that one piece of a loss takes.
constexpr std::int64_t loss_grain(std::int64_t cols) {
  return std::max<std::int64_t>(1, 4096 / std::max<std::int64_t>(cols, 1));
}

/// RowTargets, typed.
template <class T>
class Targets {
 public:
  /// spread: what a smoothed target is drawn to, 1 / cols or 1 / 2.
  Targets(const RowTargets& t, std::int64_t cols, double spread)
      : t_(t), cols_(cols), keep_(T(1 - t.smoothing)), add_(T(t.smoothing * spread)) {}

  T at(std::int64_t row, std::int64_t col) const {
    const T raw =
        t_.labels ? T(t_.labels[row] == col) : static_cast<const T*>(t_.targets)[row * cols_ + col];
    return raw * keep_ + add_;
  }
  T weight(std::int64_t row) const {
    T weight = 1;
    if (t_.weights) weight = static_cast<const T*>(t_.weights)[row / t_.rows_per_weight];
    if (t_.class_weights) weight *= static_cast<const T*>(t_.class_weights)[class_of(row)];
    return weight;
  }

 private:
  std::int64_t class_of(std::int64_t row) const {
    if (t_.labels) return t_.labels[row];
    const T* first = static_cast<const T*>(t_.targets) + row * cols_;
    if (cols_ == 1) return *first > T(0.5);
    return std::max_element(first, first + cols_) - first;
  }

  const RowTargets& t_;
  std::int64_t cols_;
  T keep_, add_;
};

}  // namespace mien::cpu
