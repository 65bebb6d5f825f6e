#include "kernels/cuda/api.h"
#include "mien/base/error.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"

using namespace mien;

TEST_CASE("auto is a real CUDA device or the CPU, never an emulated one", "[runtime]") {
  REQUIRE(default_device() == kCpu);
  REQUIRE(device_named("auto") == best_device());
  REQUIRE(device_named("cpu") == kCpu);
  if (cuda_emulated() || cuda_devices() == 0) REQUIRE(best_device() == kCpu);
}

TEST_CASE("a device is chosen by its name", "[runtime]") {
  for (const char* name : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:1x", "cuda:300", "cuda:-1"}) {
    CAPTURE(name);
    REQUIRE_THROWS_WITH(device_named(name),
                        concat("device must be auto, cpu, cuda or cuda:1; got '", name, "'"));
  }
  if (cuda_devices() == 0) {
    REQUIRE_THROWS_AS(device_named("cuda"), DeviceError);
    return;
  }
  REQUIRE(device_named("cuda") == Device{DeviceType::cuda, 0});
  REQUIRE(device_named("cuda:0") == Device{DeviceType::cuda, 0});
  REQUIRE_THROWS_AS(device_named("cuda:255"), DeviceError);
}

TEST_CASE("a device's text names it", "[runtime]") {
  REQUIRE(device_text(kCpu) == "cpu");
  if (cuda_emulated()) REQUIRE(device_text(device_named("cuda")) == "cuda:0 (emulated device)");
}
