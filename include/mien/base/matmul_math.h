#pragma once

#include <cstdint>
#include <string_view>

namespace mien {

/// How products in f32 are made on a CUDA device, of matrices and in convolutions; the CPU's are
/// exact. Sums are f32 in both.
enum class MatmulMath : std::uint8_t {
  exact,  // every product in full f32
  tf32    // on the tensor cores, of factors rounded to 10 bits of fraction (relative 2^-11); shapes
          // that these cannot read 16 bytes at a time stay exact
};

/// "exact" or "tf32".
std::string_view name_of(MatmulMath math);
/// The one of that name. Throws ValueError naming an unknown one.
MatmulMath matmul_math_named(std::string_view name);

}  // namespace mien
