#pragma once

#include <cstdint>

#include "mien/nn/config.h"
#include "mien/random.h"
#include "mien/tensor.h"

namespace mien::nn {

/// How a weight gets its first values; names and formulas are Keras's. A plain value, given in
/// layer options:
///
/// ```cpp
/// nn::Dense layer(64, {.kernel_initializer = nn::he_normal()});
/// Tensor weight = nn::glorot_uniform()({3, 3, 16, 32}, default_generator());
/// ```
struct Initializer {
  enum class Kind : std::uint8_t {
    zeros,
    ones,
    constant,
    random_uniform,
    random_normal,
    truncated_normal,
    variance_scaling,
    orthogonal
  };
  enum class Mode : std::uint8_t { fan_in, fan_out, fan_avg };
  enum class Distribution : std::uint8_t { uniform, truncated_normal };

  Kind kind = Kind::zeros;
  double a = 0;  // constant: value; random: low or mean; variance_scaling: scale; orthogonal: gain
  double b = 0;  // random: high or stddev
  Mode mode = Mode::fan_in;
  Distribution distribution = Distribution::uniform;

  /// Values for a weight; fans as in Keras: for [.., in, out] both multiplied by the size of the
  /// receptive field.
  Tensor operator()(const Shape& shape, Generator& generator,
                    const TensorOptions& options = {}) const;
  /// As Keras writes it: the class in "class_name" ("GlorotUniform"), its arguments beside it.
  Config config() const;
  /// Back from config(). Throws ValueError naming an unknown class.
  static Initializer from(const Config& config);
};

/// The same value everywhere.
Initializer zeros();
Initializer ones();
Initializer constant(double value);
/// Uniform in [low, high); normal; normal within two deviations. The defaults are Keras's.
Initializer random_uniform(double low = -0.05, double high = 0.05);
Initializer random_normal(double mean = 0.0, double stddev = 0.05);
Initializer truncated_normal(double mean = 0.0, double stddev = 0.05);
/// Uniform within sqrt(6 / (fan_in + fan_out)); the normal one has variance 2 / (fan_in + fan_out),
/// truncated at two deviations (Glorot and Bengio, 2010).
Initializer glorot_uniform();
Initializer glorot_normal();
/// Uniform within sqrt(6 / fan_in) (He et al. 2015); the normal one has variance 2 / fan_in,
/// truncated at two deviations.
Initializer he_uniform();
Initializer he_normal();
/// Uniform within sqrt(3 / fan_in); the normal one has variance 1 / fan_in, truncated at two
/// deviations (LeCun et al., 1998).
Initializer lecun_uniform();
Initializer lecun_normal();
/// A random matrix with orthonormal rows or columns, times gain; leading axes are taken together
/// (Saxe et al. 2013).
Initializer orthogonal(double gain = 1.0);

}  // namespace mien::nn
