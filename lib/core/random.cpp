#include "mien/random.h"

#include <cmath>
#include <vector>

#include "mien/state.h"

namespace mien {

void Generator::set_seed(std::uint64_t seed) {
  seed_ = seed;
  next_ = 0;
}

void Generator::save(State& state) const {
  state.set("seed", seed_);
  state.set("next", next_);
}

void Generator::load(const State& state) {
  const auto seed = std::uint64_t(state.get_int("seed"));
  next_ = std::uint64_t(state.get_int("next"));
  seed_ = seed;
}

Generator& default_generator() {
  static Generator generator;
  return generator;
}
void set_random_seed(std::uint64_t seed) { default_generator().set_seed(seed); }

namespace {

template <class Draw>
Tensor drawn(const Shape& shape, Generator& generator, const TensorOptions& options, Draw draw) {
  const PhiloxKey key = generator.reserve();
  PhiloxStream random(key.seed, key.stream);
  std::vector<double> values(static_cast<std::size_t>(shape.numel()));
  for (double& value : values) value = draw(random);
  return Tensor::from(values, shape, options);
}

}  // namespace

Tensor random_uniform(const Shape& shape, double low, double high, Generator& generator,
                      const TensorOptions& options) {
  return drawn(shape, generator, options,
               [=](PhiloxStream& random) { return random.uniform(low, high); });
}

Tensor random_normal(const Shape& shape, double mean, double stddev, Generator& generator,
                     bool truncated, const TensorOptions& options) {
  return drawn(shape, generator, options, [=](PhiloxStream& random) {
    double value = random.normal();
    while (truncated && std::abs(value) > 2.0) value = random.normal();
    return mean + stddev * value;
  });
}

}  // namespace mien
