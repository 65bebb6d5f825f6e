#pragma once

#include <bit>
#include <cstdint>

namespace mien::cuda {

/// Division by one number, as a multiplication and a shift: devices have no instruction for it
/// (Granlund and Montgomery, 1994). The divisor is 1 .. 2^31 - 1, what is divided is below 2^31.
struct FastDivide {
  std::uint32_t divisor = 1, multiplier = 1, shift = 0;

  constexpr FastDivide() = default;
  constexpr explicit FastDivide(std::uint32_t by)
      : divisor(by),
        multiplier(
            std::uint32_t((((std::uint64_t(1) << std::bit_width(by - 1)) - by) << 32) / by + 1)),
        shift(std::uint32_t(std::bit_width(by - 1))) {}

  constexpr std::uint32_t operator()(std::uint32_t n) const {
    const auto high = std::uint32_t((std::uint64_t(n) * multiplier) >> 32);
    return (high + n) >> shift;  // no carry: both are below 2^31
  }
};

}  // namespace mien::cuda
