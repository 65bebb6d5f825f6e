// Convolution of few channels on the device.
#include "kernels/cuda/few_channels.h"

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/twin_scratch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  int n, h, w, c, oc, kh, kw;
  int stride = 1, dilation = 1, pad = 0;
  bool bias = true;
};
constexpr Case kCases[] = {
    {.n = 2, .h = 12, .w = 12, .c = 1, .oc = 64, .kh = 3, .kw = 3, .pad = 1},  // a first layer
    {.n = 1, .h = 9, .w = 70, .c = 1, .oc = 8, .kh = 3, .kw = 3, .pad = 1},    // two tiles across
    {.n = 3, .h = 7, .w = 9, .c = 3, .oc = 7, .kh = 3, .kw = 3, .pad = 1, .bias = false},
    {.n = 1, .h = 17, .w = 15, .c = 3, .oc = 16, .kh = 7, .kw = 7, .stride = 2, .pad = 3},
    {.n = 1, .h = 9, .w = 8, .c = 2, .oc = 76, .kh = 5, .kw = 3, .pad = 2},
    {.n = 2, .h = 8, .w = 9, .c = 4, .oc = 12, .kh = 3, .kw = 2, .dilation = 2},
    {.n = 3, .h = 1, .w = 1, .c = 1, .oc = 1, .kh = 1, .kw = 1},
    {.n = 5, .h = 2, .w = 3, .c = 4, .oc = 33, .kh = 1, .kw = 1, .stride = 2},
    {.n = 1, .h = 13, .w = 12, .c = 3, .oc = 4, .kh = 11, .kw = 11, .pad = 1},
    // Tiles of several lines, the last of fewer, and more of them than blocks.
    {.n = 140, .h = 7, .w = 60, .c = 1, .oc = 4, .kh = 1, .kw = 1},
    {.n = 0, .h = 4, .w = 4, .c = 1, .oc = 4, .kh = 3, .kw = 3}};

Conv2dArgs args_of(const Case& each, ConvPass pass) {
  const auto out = [&](int size, int taps) {
    return (size + 2 * each.pad - (taps - 1) * each.dilation - 1) / each.stride + 1;
  };
  return {.n = each.n,
          .h = each.h,
          .w = each.w,
          .c = each.c,
          .oh = out(each.h, each.kh),
          .ow = out(each.w, each.kw),
          .oc = each.oc,
          .kh = each.kh,
          .kw = each.kw,
          .sh = each.stride,
          .sw = each.stride,
          .dh = each.dilation,
          .dw = each.dilation,
          .pt = each.pad,
          .pl = each.pad,
          .groups = 1,
          .pass = pass,
          .math = ConvMath::exact,
          .x = nullptr,
          .weight = nullptr,
          .y = nullptr,
          .bias = nullptr,
          .beta = 0};
}

void convolve(const Conv2dArgs& a, const KernelTable& kernels, StreamHandle stream) {
  const Plan plan = kernels.conv2d_plan(a);
  if (!is_cpu(kernels)) REQUIRE(std::string(kernels.conv2d_name(a, plan)) == "few channels");
  const TwinScratch scratch(kernels, plan.scratch, stream);
  kernels.conv2d(a, plan, scratch.get(), stream);
}

// x, weight, bias, y. `more` floats lie in front of y, so that it is not aligned.
std::vector<Tensor> buffers_of(const Conv2dArgs& a, int more) {
  return {random_tensor({a.n, a.h, a.w, a.c}, 1, -1, 1, DType::f32),
          random_tensor({a.kh, a.kw, a.c, a.oc}, 2, -1, 1, DType::f32),
          random_tensor({a.oc}, 3, -1, 1, DType::f32),
          random_tensor({std::int64_t(a.n) * a.oh * a.ow * a.oc + more}, 4, -1, 1, DType::f32)};
}

TEST_CASE("convolution of few channels is that of the CPU", "[cuda]") {
  for (const Case& each : kCases) {
    for (const int more : {0, 1}) {
      CAPTURE(each.h, each.w, each.c, each.oc, each.kh, more);
      Conv2dArgs a = args_of(each, ConvPass::forward);
      std::vector<Tensor> buffers = buffers_of(a, more);
      if (more == 0) buffers[3] = unwritten(buffers[3].shape());
      REQUIRE(twin(buffers, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                a.x = b[0];
                a.weight = b[1];
                a.bias = each.bias ? b[2] : nullptr;
                a.y = static_cast<float*>(b[3]) + more;
                convolve(a, k, stream);
              }) == "");
    }
  }
}

TEST_CASE("the weight's gradient of a convolution of few channels is that of the CPU", "[cuda]") {
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    const Case& each = kCases[i];
    const int more = int(i % 2);  // every other one adds to what is there, and reads y unaligned
    CAPTURE(each.h, each.w, each.c, each.oc, each.kh, more);
    Conv2dArgs a = args_of(each, ConvPass::grad_w);
    a.beta = 0.5 * more;
    std::vector<Tensor> buffers = buffers_of(a, more);
    if (a.beta == 0) buffers[1] = unwritten(buffers[1].shape());
    REQUIRE(twin(buffers, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
              a.x = b[0];
              a.weight = b[1];
              a.y = static_cast<float*>(b[3]) + more;
              convolve(a, k, stream);
            }) == "");
  }
}

TEST_CASE("a NaN beside the last pixels stays out of the weight's gradient", "[cuda]") {
  // The only filter of a line sees three of five columns, one beside it would see the others.
  const Case each{.n = 1, .h = 3, .w = 5, .c = 1, .oc = 4, .kh = 3, .kw = 3, .stride = 3};
  Conv2dArgs a = args_of(each, ConvPass::grad_w);
  std::vector<Tensor> buffers = buffers_of(a, 0);
  std::vector<double> x = values(buffers[0]);
  for (const std::size_t row : {0, 1, 2}) x[5 * row + 3] = x[5 * row + 4] = NAN;
  buffers[0] = Tensor::from(x, {1, 3, 5, 1});
  REQUIRE(twin(buffers, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
            a.x = b[0];
            a.weight = b[1];
            a.y = b[3];
            convolve(a, k, stream);
          }) == "");
}

TEST_CASE("few_channels says which convolutions it has", "[cuda]") {
  cuda_or_skip();
  const Case each = kCases[0];
  Conv2dArgs a = args_of(each, ConvPass::grad_x);
  REQUIRE_FALSE(cuda::few_channels_fits(a));
  a.pass = ConvPass::forward;
  REQUIRE(cuda::few_channels_fits(a));
  a.c = 5;
  REQUIRE_FALSE(cuda::few_channels_fits(a));
  a.c = a.groups = 2;
  REQUIRE_FALSE(cuda::few_channels_fits(a));
  a.groups = 1;
  a.dw = 20000;  // no window fits
  REQUIRE_FALSE(cuda::few_channels_fits(a));
}

}  // namespace
}  // namespace mien
