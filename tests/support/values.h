#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "mien/tensor.h"

namespace mien {

/// All elements, row by row.
inline std::vector<double> values(const Tensor& x) {
  std::vector<double> out(static_cast<std::size_t>(x.numel()));
  x.copy_to(out);
  return out;
}

/// Largest |a - b| over largest |b| (over 1 where b is all zero). Infinite where the shapes differ
/// or a value is NaN.
double relative_error(const Tensor& a, const Tensor& b);

/// Reproducible values in [low, high), different for each seed; f64 unless said.
Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low = -1.0, double high = 1.0,
                     DType dtype = DType::f64);

}  // namespace mien
