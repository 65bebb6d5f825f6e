#include "kernels/cuda/rt.h"
#include "mien/base/error.h"
#include "mien/runtime.h"
#include "mien/tensor.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/values.h"

using namespace mien;

TEST_CASE("bytes go to the device and come back", "[cuda]") {
  const Device cuda = cuda_or_skip();
  const Tensor x = Tensor::from({1, 2.5, -3, 4}, {2, 2});
  const Tensor y = x.to(cuda);
  REQUIRE(y.device() == cuda);
  REQUIRE(values(y.to(kCpu)) == values(x));
  REQUIRE(values(Tensor::full({3}, 7, {.device = cuda})) == std::vector<double>{7, 7, 7});
  REQUIRE(values(y.to(DType::i32)) == std::vector<double>{1, 2, -3, 4});
  REQUIRE(Tensor::scalar(0.5, {.device = cuda}).item() == 0.5);
  REQUIRE_THROWS_AS(y.data<float>(), DeviceError);
}
