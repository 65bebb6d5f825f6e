#include "mien/base/matmul_math.h"

#include "mien/base/error.h"

namespace mien {

constexpr std::string_view kNames[] = {"exact", "tf32"};

std::string_view name_of(MatmulMath math) { return kNames[int(math)]; }

MatmulMath matmul_math_named(std::string_view name) {
  for (int i = 0; i < 2; ++i)
    if (kNames[i] == name) return MatmulMath(i);
  MIEN_CHECK(false, ValueError, "matrix products must be exact or tf32; got '", name, "'");
  return MatmulMath::exact;
}

}  // namespace mien
