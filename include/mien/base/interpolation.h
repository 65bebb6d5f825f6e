#pragma once

#include <cstdint>

namespace mien {

/// How the value of a pixel between others is found, when images are scaled.
enum class Interpolation : std::uint8_t { nearest, bilinear };

}  // namespace mien
