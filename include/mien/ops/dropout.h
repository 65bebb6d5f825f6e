#pragma once

#include "mien/random.h"
#include "mien/tensor.h"

namespace mien {

/// Zeroes each element with probability rate and divides the others by 1 - rate, so that the mean
/// stays (Srivastava et al., 2014; Keras's inverted form). Takes one stream of the generator; rate
/// 0 gives x itself and takes none. What is dropped depends on the generator's seed and position
/// alone. Throws ValueError unless 0 <= rate < 1.
///
/// ```cpp
/// Generator random(42);
/// const Tensor y = dropout(Tensor::ones({8}), 0.25, random);  // 0 and 1.3333
/// ```
[[nodiscard]] Tensor dropout(const Tensor& x, double rate, Generator& random);

}  // namespace mien
