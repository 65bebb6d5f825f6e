#include "mien/random.h"

#include <cmath>
#include <type_traits>

#include "kernels/parallel.h"
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

constexpr std::int64_t kPiece = 8192;

// Calls body(pointer to the elements) of a host tensor of the dtype asked for, or of double.
template <class Body>
Tensor made(const Shape& shape, const TensorOptions& options, Body body) {
  const DType dtype = options.dtype == DType::f32 ? DType::f32 : DType::f64;
  Tensor host = Tensor::empty(shape, {.dtype = dtype, .device = kCpu});
  if (dtype == DType::f32) {
    body(host.data<float>());
  } else {
    body(host.data<double>());
  }
  return host.to(options.dtype).to(options.device.value_or(default_device()));
}

}  // namespace

Tensor random_uniform(const Shape& shape, double low, double high, Generator& generator,
                      const TensorOptions& options) {
  const PhiloxKey key = generator.reserve();
  const std::int64_t n = shape.numel();
  return made(shape, options, [=](auto* values) {
    parallel_ranges(n, kPiece, [=](std::int64_t begin, std::int64_t end) {
      PhiloxStream random(key.seed, key.stream);
      random.seek(std::uint64_t(begin / 2));  // a draw takes two words of four
      for (std::int64_t i = begin; i < end; ++i)
        values[i] = std::remove_pointer_t<decltype(values)>(random.uniform(low, high));
    });
  });
}

Tensor random_normal(const Shape& shape, double mean, double stddev, Generator& generator,
                     bool truncated, const TensorOptions& options) {
  const PhiloxKey key = generator.reserve();
  const std::int64_t n = shape.numel();
  return made(shape, options, [=](auto* values) {
    PhiloxStream random(key.seed,
                        key.stream);  // how many draws one value takes is not known before
    for (std::int64_t i = 0; i < n; ++i) {
      double value = random.normal();
      while (truncated && std::abs(value) > 2.0) value = random.normal();
      values[i] = std::remove_pointer_t<decltype(values)>(mean + stddev * value);
    }
  });
}

}  // namespace mien
