#pragma once

#include <cstdint>
#include <string_view>

namespace mien {

/// How convolutions in f32 are computed on the CPU.
enum class ConvMath : std::uint8_t {
  automatic,  // by shape, whichever is fastest; Winograd's rounding error is some 10 times larger
  winograd,   // Winograd (Cook-Toom) wherever it is possible
  exact,      // direct: every product of the definition is made and summed
  reference   // patch matrices (im2col) and a portable matrix product, as in f64
};

/// "auto", "winograd", "direct" (exact) or "reference".
std::string_view name_of(ConvMath math);
/// The one of that name. Throws ValueError naming an unknown one.
ConvMath conv_math_named(std::string_view name);

}  // namespace mien
