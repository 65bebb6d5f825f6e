#pragma once

#include <vector>

#include "lib/optim/flat.h"

namespace mien::optim {

/// Clips the gradients as the options say: in place per parameter or element. Returns by what all
/// of them are to be multiplied, the part that is left to the update.
double clip_gradients(std::vector<Flat>& flats, const OptimizerOptions& options);

}  // namespace mien::optim
