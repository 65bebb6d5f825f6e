#include "mien/base/matmul_math.h"

#include "tests/support/catch.h"
#include "tests/support/settings.h"

namespace mien {
namespace {

TEST_CASE("The math of products is exact until TF32 is asked for", "[runtime]") {
  const KeepSettings keep;
  REQUIRE(float32_matmul() == MatmulMath::exact);
  set_float32_matmul(matmul_math_named("tf32"));
  REQUIRE(float32_matmul() == MatmulMath::tf32);
  for (const MatmulMath math : {MatmulMath::exact, MatmulMath::tf32})
    REQUIRE(matmul_math_named(name_of(math)) == math);
  REQUIRE_THROWS_WITH(matmul_math_named("half"),
                      "matrix products must be exact or tf32; got 'half'");
}

}  // namespace
}  // namespace mien
