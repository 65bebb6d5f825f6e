#include "tests/support/values.h"

#include <algorithm>
#include <limits>

#include "mien/base/philox.h"

namespace mien {

double relative_error(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  const std::vector<double> x = values(a), y = values(b);
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(x[i] - y[i]));
    largest = std::max(largest, std::abs(y[i]));
  }
  return difference / (largest > 0 ? largest : 1.0);
}

Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low, double high, DType dtype) {
  PhiloxStream random(seed, 0);
  std::vector<double> out(static_cast<std::size_t>(shape.numel()));
  for (double& each : out) each = random.uniform(low, high);
  return Tensor::from(out, shape, {.dtype = dtype});
}

}  // namespace mien
