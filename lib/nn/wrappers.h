#pragma once

#include <array>

namespace mien::nn {

/// Keras's names of MergeMode, in its order; none is null there.
inline constexpr std::array<const char*, 4> kMergeModes{"concat", "sum", "mul", "ave"};

}  // namespace mien::nn
