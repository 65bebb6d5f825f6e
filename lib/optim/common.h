#pragma once

#include "lib/core/kernels_for.h"
#include "mien/base/error.h"
#include "mien/optim/optimizer.h"

namespace mien::optim {

/// The members that an optimizer's options share with all others.
template <class Options>
OptimizerOptions common(const Options& o) {
  return {.weight_decay = o.weight_decay,
          .exclude_from_weight_decay = o.exclude_from_weight_decay,
          .decay_vectors = o.decay_vectors,
          .clipnorm = o.clipnorm,
          .global_clipnorm = o.global_clipnorm,
          .clipvalue = o.clipvalue,
          .use_ema = o.use_ema,
          .ema_momentum = o.ema_momentum};
}

/// Throws ValueError unless 0 <= value < 1.
inline void check_fraction(const char* optimizer, const char* what, double value) {
  MIEN_CHECK(0 <= value && value < 1, ValueError, optimizer, ": ", what, " must be in [0, 1); got ",
             value);
}

/// Throws ValueError unless value >= 0.
inline void check_not_negative(const char* optimizer, const char* what, double value) {
  MIEN_CHECK(value >= 0, ValueError, optimizer, ": ", what, " must not be negative; got ", value);
}

}  // namespace mien::optim
