#include <cstdio>

#include "examples/fer/networks.h"
#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/rt.h"
#include "lib/runtime/profile_record.h"
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

// The expression network and what trains it.
class Training {
 public:
  static constexpr int kBatch = 128;

  Training() : model_(fer::canonical(7)) {
    model_.build({48, 48, 1});
    adam_.bind(model_.parameters());
  }
  void step(DType activations = DType::f32) {
    adam_.zero_grad();
    nn::Pass pass{.training = true, .random = &random_, .activations = activations};
    const Tensor predictions = model_.forward(x_, pass);
    categorical_crossentropy(y_, predictions).backward();
    adam_.step();
    accuracy_.update(y_, predictions);
  }

 private:
  nn::Sequential model_;
  const Tensor x_ = Tensor::zeros({kBatch, 48, 48, 1}), y_ = Tensor::zeros({kBatch, 7});
  optim::Adam adam_{1e-3};
  Generator random_{7};
  Accuracy accuracy_;
};

// What the step's kernel calls have to read and write at least, by their arguments; in MB.
double bytes_of_step(DType activations) {
  Training training;
  training.step(activations);
  set_profiling(true);
  training.step(activations);
  set_profiling(false);
  double bytes = 0;
  for (const auto& [key, totals] : profile_record().totals) bytes += totals.cost.bytes;
  return bytes / 1e6;
}

}  // namespace

TEST_CASE("a step of the expression network takes few launches, no memory and no waiting",
          "[cuda]") {
  const Device cuda = cuda_or_skip();
  const KeepSettings keep;
  const Dry dry;
  set_default_device(cuda);
  Training training;
  cuda::Counts before{};
  for (int step = 0; step < 3; ++step) {
    before = cuda::counts();
    training.step();
  }
  const cuda::Counts after = cuda::counts();
  const auto launches = after.launches - before.launches;
  std::printf("launches of a step of %d images: %d\n", Training::kBatch, int(launches));
  CHECK(launches <= 47);
  CHECK(after.allocations == before.allocations);
  CHECK(after.synchronizations == before.synchronizations);
}

TEST_CASE("a step of the expression network moves few bytes, in bf16 little more than half",
          "[cuda]") {
  const KeepSettings keep;
  set_default_device(cuda_or_skip());
  const Dry dry;
  const double full = bytes_of_step(DType::f32), half = bytes_of_step(DType::bf16);
  std::printf("bytes of a step of %d images: %.0f MB, in bf16 %.0f MB\n", Training::kBatch, full,
              half);
  CHECK(full <= 1450);
  CHECK(half <= 850);
}

}  // namespace mien
