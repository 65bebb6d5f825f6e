#include "mien/ops/conv2d.h"

#include <string>
#include <vector>

#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/naive_conv.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  Shape x, w;
  Conv2dOptions options;
  Shape y;
  int top = 0, left = 0;  // the padding that the options come to
};

// Small enough for differences over every element.
const std::vector<Case> kSmall = {
    {{1, 1, 1, 1}, {1, 1, 1, 1}, {}, {1, 1, 1, 1}},
    {{2, 4, 3, 2}, {1, 1, 2, 3}, {}, {2, 4, 3, 3}},
    {{2, 4, 5, 2}, {1, 1, 2, 3}, {.stride = {2, 2}}, {2, 2, 3, 3}},
    {{1, 4, 4, 2},
     {1, 1, 2, 2},
     {.padding = Padding::custom, .pads = {1, 0, 0, 2}},
     {1, 5, 6, 2},
     1,
     0},
    {{2, 5, 4, 2}, {3, 3, 2, 3}, {}, {2, 3, 2, 3}},
    {{1, 5, 4, 2}, {3, 3, 2, 3}, {.padding = Padding::same}, {1, 5, 4, 3}, 1, 1},
    {{2, 4, 5, 1}, {3, 2, 1, 2}, {.padding = Padding::same}, {2, 4, 5, 2}, 1, 0},
    {{1, 6, 6, 1}, {3, 3, 1, 2}, {.stride = {2, 2}, .padding = Padding::same}, {1, 3, 3, 2}, 0, 0},
    {{1, 7, 5, 2}, {3, 3, 2, 2}, {.stride = {2, 3}, .padding = Padding::same}, {1, 4, 2, 2}, 1, 0},
    {{1, 7, 6, 1}, {2, 3, 1, 2}, {.stride = {3, 1}}, {1, 2, 4, 2}},
    {{1, 6, 7, 2}, {2, 2, 2, 2}, {.dilation = {2, 3}}, {1, 4, 4, 2}},
    {{1, 5, 5, 1},
     {3, 3, 1, 2},
     {.dilation = {2, 2}, .padding = Padding::same},
     {1, 5, 5, 2},
     2,
     2},
    {{1, 6, 5, 2},
     {3, 2, 2, 2},
     {.stride = {2, 1}, .dilation = {1, 2}, .padding = Padding::same},
     {1, 3, 5, 2},
     0,
     1},
    {{1, 3, 3, 1},
     {2, 2, 1, 2},
     {.padding = Padding::custom, .pads = {3, 0, 1, 2}},
     {1, 5, 5, 2},
     3,
     1},
    {{1, 5, 6, 1},
     {2, 3, 1, 2},
     {.stride = {1, 2}, .dilation = {3, 1}, .padding = Padding::causal},
     {1, 5, 3, 2},
     3,
     2},
    {{1, 2, 2, 1}, {5, 5, 1, 2}, {.padding = Padding::same}, {1, 2, 2, 2}, 2, 2},
    {{2, 4, 4, 4}, {3, 3, 2, 6}, {.groups = 2, .padding = Padding::same}, {2, 4, 4, 6}, 1, 1},
    {{1, 5, 4, 4}, {2, 3, 2, 2}, {.stride = {2, 1}, .groups = 2}, {1, 2, 2, 2}},
    {{1, 4, 5, 4}, {2, 2, 2, 4}, {.dilation = {2, 1}, .groups = 2}, {1, 2, 4, 4}},
    {{1, 3, 4, 6}, {1, 1, 2, 3}, {.groups = 3}, {1, 3, 4, 3}},
    {{2, 4, 4, 3}, {3, 3, 1, 3}, {.groups = 3, .padding = Padding::same}, {2, 4, 4, 3}, 1, 1},
    {{1, 6, 5, 2},
     {3, 2, 1, 6},
     {.stride = {2, 2}, .groups = 2, .padding = Padding::same},
     {1, 3, 3, 6},
     0,
     0},
    {{1, 5, 5, 2}, {2, 2, 1, 4}, {.dilation = {2, 1}, .groups = 2}, {1, 3, 4, 4}},
    {{0, 4, 4, 2}, {3, 3, 2, 2}, {.padding = Padding::same}, {0, 4, 4, 2}, 1, 1},
};
// Of several tiles, column blocks and splits.
const std::vector<Case> kLarge = {
    {{2, 48, 48, 1}, {3, 3, 1, 64}, {.padding = Padding::same}, {2, 48, 48, 64}, 1, 1},
    {{2, 13, 12, 32}, {5, 5, 32, 72}, {.padding = Padding::same}, {2, 13, 12, 72}, 2, 2},
    {{1, 6, 6, 64}, {3, 3, 64, 130}, {.padding = Padding::same}, {1, 6, 6, 130}, 1, 1},
    {{2, 15, 17, 40},
     {3, 3, 20, 34},
     {.stride = {2, 2}, .groups = 2, .padding = Padding::same},
     {2, 8, 9, 34},
     1,
     1},
    {{3, 20, 20, 33}, {1, 1, 33, 65}, {}, {3, 20, 20, 65}},
    {{2, 17, 16, 35},
     {3, 3, 1, 70},
     {.groups = 35, .padding = Padding::same},
     {2, 17, 16, 70},
     1,
     1},
};

NaiveConv naive(const Case& c) {
  return {.stride_y = c.options.stride[0],
          .stride_x = c.options.stride[1],
          .dilation_y = c.options.dilation[0],
          .dilation_x = c.options.dilation[1],
          .top = c.top,
          .left = c.left,
          .groups = c.options.groups};
}

std::string describe(const Case& c) { return c.x.str() + " * " + c.w.str(); }

// y, dx, dw, db of one pass, with a gradient of random numbers.
Tensors passes(const Case& c, DType dtype) {
  Tensor x = random_tensor(c.x, 1, -1, 1, dtype), w = random_tensor(c.w, 2, -1, 1, dtype),
         b = random_tensor({c.w[3]}, 3, -1, 1, dtype);
  x.requires_grad();
  w.requires_grad();
  b.requires_grad();
  const Tensor y = conv2d(x, w, b, c.options);
  y.backward(random_tensor(c.y, 4, -1, 1, dtype));
  Tensors out{y, x.grad(), w.grad()};
  out.push_back(b.grad());
  return out;
}

TEST_CASE("conv2d's gradients match differences", "[ops]") {
  for (const Case& c : kSmall) {
    INFO(describe(c));
    const auto f = [&](const Tensors& in) { return conv2d(in[0], in[1], in[2], c.options); };
    REQUIRE(gradcheck(f, {random_tensor(c.x, 5), random_tensor(c.w, 6),
                          random_tensor({c.w[3]}, 7)}) == "");
  }
}

TEST_CASE("conv2d is the sum that defines it, in all three passes", "[ops]") {
  for (const std::vector<Case>* cases : {&kSmall, &kLarge}) {
    for (const Case& c : *cases) {
      INFO(describe(c));
      REQUIRE(conv2d_shape(c.x, c.w, c.options) == c.y);
      const Tensor x = random_tensor(c.x, 1), w = random_tensor(c.w, 2);
      const Tensor dy = random_tensor(c.y, 4);
      REQUIRE(relative_error(conv2d(x, w, {}, c.options), naive(c).forward(x, w, c.y)) < 1e-13);
      const Tensors got = passes(c, DType::f64);
      REQUIRE(relative_error(got[1], naive(c).grad_x(dy, w, c.x)) < 1e-13);
      REQUIRE(relative_error(got[2], naive(c).grad_w(x, dy, c.w)) < 1e-13);
    }
  }
}

TEST_CASE("conv2d gives PyTorch's values", "[ops]") {
  struct Golden {
    const char* name;
    Conv2dOptions options;
  };
  for (const Golden& g : {Golden{"same3x3", {.padding = Padding::same}},
                          Golden{"same_stride2", {.stride = {2, 2}, .padding = Padding::same}},
                          Golden{"dilated", {.dilation = {2, 2}}},
                          Golden{"grouped", {.groups = 2, .padding = Padding::same}},
                          Golden{"depthwise", {.groups = 3, .padding = Padding::same}}}) {
    const std::string prefix = std::string("conv/") + g.name + "_";
    INFO(prefix);
    Tensor x = golden(prefix + "x"), w = golden(prefix + "w"), b = golden(prefix + "b");
    x.requires_grad();
    w.requires_grad();
    b.requires_grad();
    const Tensor y = conv2d(x, w, b, g.options);
    REQUIRE(relative_error(y, golden(prefix + "y")) < 1e-6);
    y.backward(golden(prefix + "dy"));
    REQUIRE(relative_error(x.grad(), golden(prefix + "dx")) < 1e-6);
    REQUIRE(relative_error(w.grad(), golden(prefix + "dw")) < 1e-6);
    REQUIRE(relative_error(b.grad(), golden(prefix + "db")) < 1e-6);
  }
}

TEST_CASE("depthwise_conv2d is conv2d with a group for each channel", "[ops]") {
  const Tensor x = random_tensor({2, 5, 6, 3}, 8), w = random_tensor({3, 3, 3, 2}, 9),
               b = random_tensor({6}, 10);
  const Conv2dOptions same{.padding = Padding::same};
  const Tensor y = depthwise_conv2d(x, w, b, same);
  REQUIRE(values(y) ==
          values(conv2d(x, w.view({3, 3, 1, 6}), b, {.groups = 3, .padding = Padding::same})));
  REQUIRE(gradcheck([&](const Tensors& in) { return depthwise_conv2d(in[0], in[1], in[2], same); },
                    {x, w, b}) == "");
}

TEST_CASE("conv2d gives the same bits for any number of threads", "[ops]") {
  const KeepSettings keep;
  for (const Case& c : kLarge) {
    INFO(describe(c));
    set_num_threads(1);
    const Tensors want = passes(c, DType::f32);
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      const Tensors got = passes(c, DType::f32);
      for (std::size_t i = 0; i < want.size(); ++i) {
        INFO("result " << i << " with " << threads << " threads");
        REQUIRE(values(got[i]) == values(want[i]));
      }
    }
  }
}

TEST_CASE("conv2d agrees between the instruction sets", "[ops]") {
  const KeepSettings keep;
  for (const Case& c : kLarge) {
    INFO(describe(c));
    set_cpu_isa("base");
    const Tensors want = passes(c, DType::f32);
    for (const std::string_view isa : runnable_isas())
      for (const ConvMath math : {ConvMath::exact, ConvMath::automatic}) {
        set_cpu_isa(isa);
        set_conv_math(math);
        const Tensors got = passes(c, DType::f32);
        for (std::size_t i = 0; i < want.size(); ++i) {
          INFO("result " << i << " with " << std::string(isa));
          REQUIRE(relative_error(got[i], want[i]) < (math == ConvMath::exact ? 3e-6 : 3e-5));
        }
      }
  }
}

TEST_CASE("conv2d_algorithms tells what a convolution gets", "[ops]") {
  const KeepSettings keep;
  const Shape x{128, 24, 24, 64}, w{5, 5, 64, 128};
  const Conv2dOptions same{.padding = Padding::same};
  set_cpu_isa("base");
  REQUIRE(conv2d_algorithms(x, w, same).forward == "im2col");
  REQUIRE(conv2d_algorithms(x, w, same, {.dtype = DType::f64}).grad_x == "im2col, filters turned");
  for (const std::string_view isa : runnable_isas()) {
    if (isa == "base") continue;
    set_cpu_isa(isa);
    set_conv_math(ConvMath::automatic);
    REQUIRE(conv2d_algorithms(x, w, same).forward == "winograd F(4x4,5x5)");
    REQUIRE(conv2d_algorithms(x, w, same).grad_x == "winograd F(4x4,5x5)");
    REQUIRE(conv2d_algorithms(x, w, same).grad_w == "winograd F(5x5,4x4)");
    set_conv_math(ConvMath::exact);
    REQUIRE(conv2d_algorithms(x, w, same).forward == "direct");
  }
  REQUIRE_THROWS_WITH(conv2d_algorithms({2, 3}, w),
                      "conv2d_algorithms: input must be [N, H, W, C]; got [2, 3]");
}

TEST_CASE("a frozen filter or image costs and keeps nothing", "[ops]") {
  const Tensor x = random_tensor({1, 4, 4, 2}, 11), w = random_tensor({3, 3, 2, 3}, 12);
  const Tensor trained = w.clone().detach().requires_grad();
  conv2d(x, trained).backward(Tensor::ones({1, 2, 2, 3}, w.options()));
  REQUIRE(trained.grad().defined());
  REQUIRE_FALSE(x.grad().defined());
  // The image is not needed for its own gradient, so it may change before backward.
  Tensor image = x.clone().detach().requires_grad();
  const Tensor y = conv2d(image, w);
  image.mark_modified();
  y.backward(Tensor::ones({1, 2, 2, 3}, w.options()));
  REQUIRE(image.grad().defined());
}

TEST_CASE("conv2d says what it wants", "[ops]") {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  const Tensor x = zeros({32, 48, 48, 3});
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 1, 64})),
                      "conv2d: input [32, 48, 48, 3] has 3 channels; weight [3, 3, 1, 64] wants 1");
  REQUIRE_THROWS_WITH(
      conv2d(x, zeros({3, 3, 2, 4}), {}, {.groups = 2}),
      "conv2d: input [32, 48, 48, 3] has 3 channels; weight [3, 3, 2, 4] wants 4 in 2 groups");
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 1, 4}), {}, {.groups = 3}),
                      "conv2d: 3 groups do not divide the 4 filters of weight [3, 3, 1, 4]");
  REQUIRE_THROWS_WITH(conv2d(zeros({48, 48, 3}), zeros({3, 3, 3, 4})),
                      "conv2d: input must be [N, H, W, C]; got [48, 48, 3]");
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 3})),
                      "conv2d: weight must be [KH, KW, C / groups, OC]; got [3, 3, 3]");
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 3, 4}), zeros({3})),
                      "conv2d: bias must be [4] for weight [3, 3, 3, 4]; got [3]");
  REQUIRE_THROWS_WITH(
      conv2d(zeros({1, 2, 5, 1}), zeros({3, 3, 1, 1})),
      "conv2d: a window that reaches over 3 rows does not fit into input [1, 2, 5, 1]");
  REQUIRE_THROWS_WITH(conv2d(zeros({1, 5, 2, 1}), zeros({3, 3, 1, 1}), {},
                             {.padding = Padding::custom, .pads = {0, 0, 0, 0}}),
                      "conv2d: a window that reaches over 3 columns does not fit into input "
                      "[1, 5, 2, 1] padded to 2");
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 3, 4}), {}, {.stride = {0, 1}}),
                      "conv2d: stride must be at least 1; got 0");
  REQUIRE_THROWS_WITH(conv2d(x, zeros({3, 3, 3, 4}), {}, {.pads = {1, 0, 0, 0}}),
                      "conv2d: pads are for Padding::custom only; got 1");
  REQUIRE_THROWS_AS(conv2d(x, Tensor::zeros({3, 3, 3, 4}, {.dtype = DType::f64})), DTypeError);
  REQUIRE_THROWS_WITH(
      depthwise_conv2d(x, zeros({3, 3, 2, 1})),
      "depthwise_conv2d: input [32, 48, 48, 3] has 3 channels; weight [3, 3, 2, 1] wants 2");
}

}  // namespace
}  // namespace mien
