#pragma once

#include <cstdint>
#include <vector>

#include "mien/tensor.h"

namespace mien {

/// A sum of scalars times weights, in the order of add(). Those of a device are kept there until
/// somebody looks, so that adding waits for nothing; the sum has the same bits as that of values
/// fetched one by one.
///
/// ```cpp
/// LazySum total;
/// total.add(Tensor::scalar(0.5), 8);  // the loss of a batch of 8 samples
/// double sum = total.value();         // 4
/// ```
class LazySum {
 public:
  LazySum() = default;
  explicit LazySum(double sum) : sum_(sum) {}
  LazySum(LazySum&&) = default;
  LazySum& operator=(LazySum&&) = default;

  /// sum += scalar * weight. Throws ShapeError where scalar has more than one element.
  void add(const Tensor& scalar, double weight = 1);
  /// The sum. Waits for a device that still computes some of it.
  double value() const;

 private:
  void settle() const;

  mutable double sum_ = 0;
  mutable std::vector<double> weights_;  // of what is kept on the device,
  Tensor kept_;                          // there, f32
};

}  // namespace mien
