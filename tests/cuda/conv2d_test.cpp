#include <cmath>

#include "kernels/cuda/implicit_gemm_plan.h"
#include "tests/cuda/conv2d_case.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/twin_scratch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using Case = ConvCase;

struct How {
  std::function<void(const Conv2dArgs&, Plan&)> force{};  // changes the device's plan
  bool eighths = false;  // numbers are multiples of 1/8, whose products are exact in any math
  MatmulMath math = MatmulMath::exact;
  double tolerance = 1e-5;
};

std::string same(const Case& s, ConvPass pass, bool bias, double beta, const How& how = {}) {
  Conv2dArgs a = args_of(s, pass);
  a.matmul = how.math;
  const auto random = [&](const Shape& shape, int seed, ConvPass written) {
    if (pass == written && beta == 0) return unwritten(shape);
    Tensor numbers = random_tensor(shape, seed, -1, 1, DType::f32);
    auto* each = numbers.data<float>();
    for (std::int64_t i = 0; how.eighths && i < numbers.numel(); ++i)
      each[i] = std::round(8 * each[i]) / 8;
    return numbers;
  };
  const std::vector<Tensor> buffers{random({a.n, a.h, a.w, a.c}, 1, ConvPass::grad_x),
                                    random({a.kh, a.kw, a.c / a.groups, a.oc}, 2, ConvPass::grad_w),
                                    random({a.n, a.oh, a.ow, a.oc}, 3, ConvPass::forward),
                                    random_tensor({a.oc}, 4, -1, 1, DType::f32)};
  a.beta = beta;
  return twin(buffers,
              [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                Conv2dArgs call = a;
                call.x = b[0];
                call.weight = b[1];
                call.y = b[2];
                call.bias = bias ? b[3] : nullptr;
                Plan plan = k.conv2d_plan(call);
                if (!is_cpu(k) && how.force) how.force(call, plan);
                const TwinScratch scratch(k, plan.scratch, stream);
                k.conv2d(call, plan, scratch.get(), stream);
              },
              {.tolerance = how.tolerance});
}

// Of the emotion network, scaled down; then what is odd.
const Case kCases[] = {
    {2, 6, 6, 64, 128, 5, 5, 1, 1, 2, 2, 2, 2, 1},  // same
    {2, 3, 3, 128, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 8, 8, 1, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},    // one channel
    {1, 5, 7, 3, 8, 3, 5, 1, 1, 0, 0, 0, 0, 1},     // valid
    {3, 1, 1, 4, 76, 3, 3, 1, 1, 1, 1, 1, 1, 1},    // one pixel
    {1, 9, 7, 76, 7, 1, 1, 1, 1, 0, 0, 0, 0, 1},    // one tap, odd filters
    {2, 9, 8, 5, 6, 3, 3, 2, 1, 0, 0, 1, 1, 1},     // same of stride 2
    {2, 11, 10, 8, 12, 2, 3, 3, 1, 0, 1, 2, 0, 1},  // stride 3
    {1, 7, 7, 4, 4, 1, 1, 2, 1, 0, 0, 0, 0, 1},     // phases without a tap
    {1, 12, 11, 8, 8, 3, 3, 1, 2, 2, 2, 2, 2, 1},   // dilated
    {1, 12, 11, 8, 8, 3, 3, 3, 2, 1, 0, 3, 4, 1},   // dilated and strided
    {1, 9, 9, 8, 4, 3, 3, 4, 2, 1, 1, 1, 1, 1},     // stride and dilation share a divisor
    {2, 6, 5, 8, 12, 3, 3, 1, 1, 1, 1, 1, 1, 2},    // groups
    {1, 7, 6, 6, 9, 3, 3, 2, 1, 1, 1, 1, 1, 3},
    {2, 7, 6, 5, 10, 3, 3, 1, 1, 1, 1, 1, 1, 5},  // depthwise, multiplier 2
    {2, 8, 9, 8, 8, 3, 3, 2, 2, 2, 2, 2, 2, 8},
};

TEST_CASE("conv2d and its gradients are those of the CPU", "[cuda]") {
  for (const Case& s : kCases) {
    CAPTURE(s.n, s.h, s.w, s.c, s.oc, s.kh, s.kw, s.stride, s.dilation, s.groups);
    CHECK(same(s, ConvPass::forward, true, 0) == "");
    CHECK(same(s, ConvPass::grad_x, false, 0) == "");
    CHECK(same(s, ConvPass::grad_w, false, 0) == "");
  }
}

TEST_CASE("conv2d leaves out the bias and adds to gradients as asked", "[cuda]") {
  for (const Case& s : {kCases[3], kCases[6], kCases[12], kCases[14]}) {
    CAPTURE(s.n, s.h, s.w, s.c, s.oc, s.kh, s.kw, s.stride, s.dilation, s.groups);
    CHECK(same(s, ConvPass::forward, false, 0) == "");
    for (const double beta : {1.0, 0.5}) {
      CHECK(same(s, ConvPass::grad_x, false, beta) == "");
      CHECK(same(s, ConvPass::grad_w, false, beta) == "");
    }
  }
}

TEST_CASE("conv2d of no images writes gradients of zero", "[cuda]") {
  const Case s{0, 4, 4, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1};
  CHECK(same(s, ConvPass::forward, true, 0) == "");
  CHECK(same(s, ConvPass::grad_x, false, 0) == "");
  CHECK(same(s, ConvPass::grad_w, false, 0) == "");
  CHECK(same(s, ConvPass::grad_w, false, 0.5) == "");
}

TEST_CASE("conv2d in TF32 is off by no more than its factors' rounding", "[cuda]") {
  for (const Case& s : {kCases[1], kCases[9], kCases[10], kCases[12]})
    for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x, ConvPass::grad_w}) {
      CAPTURE(s.n, s.h, s.w, s.c, s.oc, int(pass));
      CHECK(same(s, pass, false, 0, {.math = MatmulMath::tf32, .tolerance = 0x1p-10}) == "");
    }
  // Not exact, or the setting would do nothing.
  CHECK(same(kCases[1], ConvPass::forward, false, 0, {.math = MatmulMath::tf32}) != "");
}

TEST_CASE("conv2d gives the same with every tile, split or not", "[cuda]") {
  // More than one of the largest tile each way, with tails.
  const Case s{2, 9, 9, 12, 132, 2, 1, 1, 1, 1, 0, 0, 0, 1};
  const Case strided{2, 9, 8, 36, 12, 3, 2, 2, 1, 1, 1, 1, 0, 1};
  for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x, ConvPass::grad_w})
    for (int tile = 0; tile < cuda::kTileKinds; ++tile) {
      if (cuda::facts(cuda::TileKind(tile)).operands != DType::f32) continue;
      const int splits = pass == ConvPass::grad_x ? 1 + tile % 3 : 3 - tile % 3;
      CAPTURE(int(pass), tile, splits);
      const auto force = [&](const Conv2dArgs& a, Plan& plan) {
        plan.tile = std::uint16_t(tile);
        plan.split = std::uint16_t(splits);
        const std::size_t y = pass == ConvPass::forward  ? std::size_t(a.n) * a.oh * a.ow * a.oc
                              : pass == ConvPass::grad_x ? std::size_t(a.n) * a.h * a.w * a.c
                                                         : std::size_t(a.kh) * a.kw * a.c * a.oc;
        plan.scratch = splits * y * sizeof(float);
      };
      const How how{.force = force, .eighths = true, .tolerance = 1e-6};
      CHECK(same(s, pass, false, pass == ConvPass::forward ? 0 : 0.5, how) == "");
      if (pass == ConvPass::grad_x) CHECK(same(strided, pass, false, 0.5, how) == "");
    }
}

}  // namespace
}  // namespace mien
