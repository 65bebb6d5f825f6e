#pragma once

#include "mien/base/few.h"

namespace mien {

/// Axes of a tensor: {0, 2}, or one number; a negative one counts from the end. Empty means all.
using Axes = Few<int, 6>;

}  // namespace mien
