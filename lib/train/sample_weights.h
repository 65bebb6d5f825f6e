#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "mien/data/dataset.h"

namespace mien {

/// What a sample of each class counts.
using ClassWeights = std::vector<std::pair<std::int64_t, double>>;

/// Throws ValueError for a class given twice or below 0, or a weight that is negative or not
/// finite.
void check_class_weights(const ClassWeights& weights);

/// The batch's own weights times those of its samples' classes, [N]; undefined where there are
/// neither. A class is the target's number, or the place of its largest value where targets have
/// several columns. Throws ValueError where a class is beyond the columns.
Tensor sample_weights(const Batch& batch, const ClassWeights& weights);

}  // namespace mien
