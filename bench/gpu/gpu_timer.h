#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/support/kernel_work.h"

// What the benchmarks of the device and of its peers share: the shapes, and how time is taken.

namespace bench {

/// The convolutions of the expression CNN; tiny: a few channels of them, for a run that only shows
/// that the program works.
std::vector<ConvShape> gpu_convolutions(bool tiny);

struct ProductShape {
  int m, n, k;
};
/// The dense layers' products and a large one.
std::vector<ProductShape> gpu_products(bool tiny);

std::string name_of(const ConvShape& shape);
std::string name_of(const ProductShape& shape);

/// Takes the device's time of work queued in its work stream: 20 calls to warm up, then 50, each
/// alone between two events and after the second-level cache was overwritten. Median and
/// interquartile range in microseconds, as "us_median" and "us_iqr". On an emulated device the work
/// is done once and nothing is timed.
nlohmann::json device_time(const std::function<void()>& work);

}  // namespace bench
