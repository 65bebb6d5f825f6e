#pragma once

#include <cstdint>

#include "mien/base/philox.h"
#include "mien/tensor.h"

namespace mien {

class State;

/// A place in a seed's random numbers: what an op needs to draw, and to draw the same again in its
/// backward.
struct PhiloxKey {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
  const std::uint64_t* shift = nullptr;  // of a device: kernels add what is there to stream
};

/// Hands out streams of random numbers, one per use: the n-th use of a seed always gets the same
/// numbers, whatever the threads or the device.
///
/// ```cpp
/// Generator random(42);
/// Tensor x = random_normal({2, 3}, 0, 1, random);
/// ```
class Generator {
 public:
  explicit Generator(std::uint64_t seed = 0) : seed_(seed) {}

  /// The next stream.
  PhiloxKey reserve() { return {seed_, next_++, shift_}; }
  /// Begins anew with this seed.
  void set_seed(std::uint64_t seed);
  std::uint64_t seed() const { return seed_; }
  /// How many streams were reserved since.
  std::uint64_t position() const { return next_; }
  /// Reserves n of them, for a captured step that draws again.
  void skip(std::uint64_t n) { next_ += n; }
  /// The shift of the keys from now on; null at first. See PhiloxKey.
  void set_shift(const std::uint64_t* on_device) { shift_ = on_device; }

  /// Seed and position. load() throws ValueError where one is missing; nothing has changed then.
  void save(State& state) const;
  void load(const State& state);

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
  const std::uint64_t* shift_ = nullptr;
};

/// The generator of initial weights and of whatever is drawn without one of its own. Not for
/// several threads at a time.
Generator& default_generator();
/// Seeds default_generator(); as keras.utils.set_random_seed.
void set_random_seed(std::uint64_t seed);

/// Values in [low, high).
Tensor random_uniform(const Shape& shape, double low, double high, Generator& generator,
                      const TensorOptions& options = {});
/// Normal values. truncated: drawn again until within two standard deviations, as Keras's
/// TruncatedNormal.
Tensor random_normal(const Shape& shape, double mean, double stddev, Generator& generator,
                     bool truncated = false, const TensorOptions& options = {});

}  // namespace mien
