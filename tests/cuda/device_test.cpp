#include <algorithm>
#include <vector>

#include "kernels/cuda/rt.h"
#include "lib/runtime/device.h"
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

TEST_CASE("words are written to the device, and none beyond them", "[cuda]") {
  const Device cuda = cuda_or_skip();
  for (const int n : {1, 3, DeviceApi::kSmall}) {
    const Tensor x =
        Tensor::full({DeviceApi::kSmall + 1}, 5, {.dtype = DType::i32, .device = cuda});
    std::vector<std::uint32_t> words(DeviceApi::kSmall, 7);
    device_api(cuda).write(static_cast<std::uint32_t*>(x.raw()), words.data(), n,
                           current_stream(cuda));
    std::vector<double> wanted(DeviceApi::kSmall + 1, 5);
    std::fill_n(wanted.begin(), n, 7.0);
    CHECK(values(x.to(kCpu)) == wanted);
  }
}
