#include "kernels/cuda/fast_divide.h"

#include <cstdint>
#include <vector>

#include "tests/support/catch.h"

namespace mien {
namespace {

constexpr std::uint32_t kMost = 0x7fffffff;

TEST_CASE("fast division gives the quotient for every divisor and dividend in its range") {
  std::vector<std::uint32_t> divisors;
  for (std::uint32_t d = 1; d <= 1000; ++d) divisors.push_back(d);
  for (int power = 10; power < 31; ++power)
    for (const int near : {-1, 0, 1}) divisors.push_back((1u << power) + std::uint32_t(near));
  for (const std::uint32_t d : {kMost, kMost - 1, kMost / 2, kMost / 3, 46341u, 715827883u})
    divisors.push_back(d);

  for (const std::uint32_t d : divisors) {
    const cuda::FastDivide divide(d);
    bool right = true;
    // The worst dividends are the ends of a quotient's range, and the largest ones.
    for (std::uint32_t quotient = 0; quotient <= kMost / d; quotient += 1 + kMost / d / 64)
      for (const std::int64_t n : {std::int64_t(quotient) * d, std::int64_t(quotient) * d + d - 1})
        if (n <= kMost) right = right && divide(std::uint32_t(n)) == std::uint32_t(n) / d;
    for (std::uint32_t n = kMost - 100; n <= kMost; ++n) right = right && divide(n) == n / d;
    CAPTURE(d);
    REQUIRE(right);
  }
}

}  // namespace
}  // namespace mien
