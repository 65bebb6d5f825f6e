#pragma once

#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

// What the tests of bf16 activations share.

namespace mien {

// A result is rounded to 8 bits, and what is added to was rounded before.
inline const TwinOptions kHalf{.tolerance = 0x1p-8, .table = DType::bf16, .cpu_table = DType::f32};

inline Tensor half(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1) {
  return random_tensor(shape, seed, low, high, DType::f32).to(DType::bf16);
}
inline Tensor full(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1) {
  return random_tensor(shape, seed, low, high, DType::f32);
}
// To be written, or added to.
inline Tensor half_result(const Shape& shape, double beta) {
  return beta == 0 ? unwritten(shape).to(DType::bf16) : half(shape, 99);
}
inline Tensor full_result(const Shape& shape, double beta) {
  return beta == 0 ? unwritten(shape) : full(shape, 99);
}

}  // namespace mien
