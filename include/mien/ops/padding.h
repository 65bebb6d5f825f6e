#pragma once

#include <cstdint>

namespace mien {

/// What lies around an image for a window that reaches over its edge.
enum class Padding : std::uint8_t {
  valid,   // nothing: windows stay inside the image
  same,    // as much as gives ceil(size / stride) outputs; an odd place goes after, as in Keras
  custom,  // as many zeros as the option `pads` says
  causal   // before the image only, so that no window sees what comes after its own place
};

}  // namespace mien
