#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "mien/base/dtype.h"

namespace mien {

/// Round to nearest, ties to even; NaN stays NaN.
inline bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return {std::uint16_t((bits >> 16) | 0x40)};
  return {std::uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}
inline float from_bf16(bf16 value) { return std::bit_cast<float>(std::uint32_t(value.bits) << 16); }

/// One element as another type. Floats to integers truncate towards zero and saturate; NaN becomes
/// 0.
template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<From, To>) {
    return value;
  } else if constexpr (std::is_same_v<From, bf16>) {
    return convert<To>(from_bf16(value));
  } else if constexpr (std::is_same_v<To, bf16>) {
    return to_bf16(float(value));
  } else if constexpr (std::is_floating_point_v<To> || sizeof(From) < sizeof(To)) {
    return To(value);
  } else {
    constexpr double low = std::is_same_v<To, std::uint8_t> ? 0.0 : -2147483648.0;
    constexpr double high = std::is_same_v<To, std::uint8_t> ? 255.0 : 2147483647.0;
    const double v = double(value);
    return To(std::isnan(v) ? 0.0 : v < low ? low : v > high ? high : v);
  }
}

}  // namespace mien
