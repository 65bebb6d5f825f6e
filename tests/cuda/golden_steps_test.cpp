#include "tests/train/golden_steps.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"

using namespace mien;

TEST_CASE("after ten steps on the device every weight is that of PyTorch", "[cuda]") {
  const KeepSettings keep;
  set_default_device(cuda_or_skip());
  CHECK(ten_steps("adam", optim::Adam(0.01)) < 1e-4);
  CHECK(ten_steps("sgd", optim::SGD(0.05, {.momentum = 0.9, .nesterov = true})) < 1e-4);
  CHECK(ten_steps("rmsprop", optim::RMSprop(0.01)) < 1e-4);
}
