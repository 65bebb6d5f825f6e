#include <cmath>
#include <string>
#include <vector>

#include "examples/fer/networks.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Step {
  double loss = 0;
  std::vector<NamedTensor> gradients{};
};

// A step with dropout on.
Step fer_step(Device device, DType dtype, int images, bool fused) {
  const KeepSettings keep;
  set_default_device(device);
  set_conv_math(ConvMath::exact);
  set_random_seed(3);
  nn::Sequential model = fer::canonical(7);
  model.build({48, 48, 1});
  model.fuse(fused);
  model.to(dtype);
  const Tensor x = random_tensor({images, 48, 48, 1}, 1, 0, 1, DType::f32).to(device).to(dtype);
  const Tensor labels = slice(Tensor::from({2, 5, 0}, {3}, {.dtype = DType::i32}), 0, {0, images});
  const Tensor y = one_hot(labels, 7, dtype);
  Generator random(7);
  nn::Pass pass{.training = true, .random = &random};
  const Tensor loss = categorical_crossentropy(y, model.forward(x, pass));
  loss.backward();
  Step out{.loss = loss.item()};
  for (const NamedTensor& each : model.parameters())
    out.gradients.push_back({each.name, each.value.grad().to(kCpu).clone()});
  return out;
}

// Against the CPU in double.
void check_step(Device cuda, int images, bool fused, double bound) {
  const Step here = fer_step(kCpu, DType::f64, images, fused);
  const Step there = fer_step(cuda, DType::f32, images, fused);
  CHECK(std::fabs(there.loss - here.loss) < 1e-5 * here.loss);
  for (std::size_t i = 0; i < here.gradients.size(); ++i) {
    INFO(here.gradients[i].name);
    const Tensor &got = there.gradients[i].value, &wanted = here.gradients[i].value;
    if (max(abs(wanted)).item() < 1e-12) {  // a bias before normalization
      CHECK(max(abs(got)).item() < 1e-4);
    } else {
      CHECK(relative_error(got, wanted) < bound);
    }
  }
}

}  // namespace

TEST_CASE("a step of the expression network on the device is that of the CPU", "[cuda]") {
  check_step(cuda_or_skip(), 3, true, 5e-5);
}

// Normalization over two samples magnifies rounding by hundreds, over three by tens.
TEST_CASE("a step with two images, layer by layer, is that of the CPU", "[cuda]") {
  check_step(cuda_or_skip(), 2, false, 1e-4);
}

}  // namespace mien
