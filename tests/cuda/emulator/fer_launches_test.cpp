#include <cstdio>

#include "examples/fer/networks.h"
#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/rt.h"
#include "mien/ops/losses.h"
#include "mien/optim/adam.h"
#include "mien/train/metrics.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Kernels are checked and counted, not run.
struct Dry {
  Dry() { emu::options().dry = true; }
  ~Dry() { emu::options().dry = false; }
};

}  // namespace

TEST_CASE("a step of the expression network takes few launches, no memory and no waiting",
          "[cuda]") {
  const Device cuda = cuda_or_skip();
  const KeepSettings keep;
  const Dry dry;
  set_default_device(cuda);
  constexpr int kBatch = 128;
  nn::Sequential model = fer::canonical(7);
  model.build({48, 48, 1});
  const Tensor x = Tensor::zeros({kBatch, 48, 48, 1}), y = Tensor::zeros({kBatch, 7});
  optim::Adam adam(1e-3);
  adam.bind(model.parameters());
  Generator random(7);
  Accuracy accuracy;
  cuda::Counts before{};
  for (int step = 0; step < 3; ++step) {
    before = cuda::counts();
    adam.zero_grad();
    nn::Pass pass{.training = true, .random = &random};
    const Tensor predictions = model.forward(x, pass);
    categorical_crossentropy(y, predictions).backward();
    adam.step();
    accuracy.update(y, predictions);
  }
  const cuda::Counts after = cuda::counts();
  const auto launches = after.launches - before.launches;
  std::printf("launches of a step of %d images: %d\n", kBatch, int(launches));
  CHECK(launches <= 47);
  CHECK(after.allocations == before.allocations);
  CHECK(after.synchronizations == before.synchronizations);
}

}  // namespace mien
