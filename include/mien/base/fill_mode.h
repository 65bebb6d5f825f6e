#pragma once

#include <cstdint>

namespace mien {

/// What stands for pixels beyond the image's edge: nearest aaaa|abcd|dddd, constant the value cval,
/// reflect dcba|abcd|dcba, wrap abcd|abcd|abcd. (scipy's nearest, constant, reflect and grid-wrap.
/// Keras hands "wrap" to scipy, where the first and the last pixel coincide.)
enum class FillMode : std::uint8_t { nearest, constant, reflect, wrap };

}  // namespace mien
