#include "mien/ops/conv2d_transpose.h"

#include <string>
#include <vector>

#include "mien/ops/elementwise.h"
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
  Shape x, w;  // w: [KH, KW, OC / groups, C]
  Conv2dTransposeOptions options;
  Shape y;
  int top = 0, left = 0;  // what the options cut off before the image
};

const std::vector<Case> kCases = {
    {{1, 1, 1, 1}, {1, 1, 1, 1}, {}, {1, 1, 1, 1}},
    {{2, 3, 4, 2}, {3, 2, 3, 2}, {}, {2, 5, 5, 3}},
    {{1, 3, 2, 2}, {3, 3, 2, 2}, {.padding = Padding::same}, {1, 3, 2, 2}, 1, 1},
    {{1, 3, 4, 1}, {2, 3, 2, 1}, {.stride = {2, 2}}, {1, 6, 9, 2}},
    {{1, 2, 3, 2}, {1, 2, 1, 2}, {.stride = {3, 3}}, {1, 6, 9, 1}},
    {{1, 2, 3, 2}, {2, 1, 2, 2}, {.stride = {3, 2}, .output_padding = {{1, 0}}}, {1, 6, 5, 2}},
    {{2, 3, 3, 1}, {3, 4, 2, 1}, {.stride = {2, 2}, .padding = Padding::same}, {2, 6, 6, 2}, 0, 1},
    {{1, 4, 3, 2}, {1, 5, 2, 2}, {.stride = {2, 3}, .padding = Padding::same}, {1, 8, 9, 2}, 0, 1},
    {{1, 3, 3, 2},
     {3, 2, 1, 2},
     {.stride = {2, 2}, .padding = Padding::same, .output_padding = {{0, 1}}},
     {1, 5, 5, 1},
     1,
     0},
    {{1, 3, 4, 2}, {3, 2, 2, 2}, {.dilation = {2, 3}}, {1, 7, 7, 2}},
    {{1, 4, 3, 1},
     {3, 3, 2, 1},
     {.stride = {2, 3},
      .padding = Padding::custom,
      .pads = {1, 0, 2, 1},
      .output_padding = {{1, 2}}},
     {1, 9, 8, 2},
     1,
     2},
    {{1, 3, 4, 4}, {3, 3, 3, 4}, {.stride = {2, 1}, .groups = 2}, {1, 7, 6, 6}},
    {{0, 3, 4, 2}, {3, 3, 2, 2}, {.stride = {2, 2}}, {0, 7, 9, 2}},
};
const Case kLarge{{2, 15, 17, 40},
                  {5, 5, 24, 40},
                  {.stride = {2, 2}, .padding = Padding::same},
                  {2, 30, 34, 24},
                  1,
                  1};

std::string describe(const Case& c) { return c.x.str() + " * " + c.w.str(); }

Tensor bias_of(const Case& c, DType dtype) { return random_tensor({c.y[3]}, 3, -1, 1, dtype); }

// y, dx, dw, db of one pass, with a gradient of random numbers.
Tensors passes(const Case& c, DType dtype) {
  Tensor x = random_tensor(c.x, 1, -1, 1, dtype), w = random_tensor(c.w, 2, -1, 1, dtype),
         b = bias_of(c, dtype);
  for (Tensor* each : {&x, &w, &b}) each->requires_grad();
  const Tensor y = conv2d_transpose(x, w, b, c.options);
  y.backward(random_tensor(c.y, 4, -1, 1, dtype));
  return {y, x.grad(), w.grad(), b.grad()};
}

TEST_CASE("conv2d_transpose's gradients match differences", "[ops]") {
  for (const Case& c : kCases) {
    INFO(describe(c));
    const auto f = [&](const Tensors& in) {
      return conv2d_transpose(in[0], in[1], in[2], c.options);
    };
    REQUIRE(gradcheck(f, {random_tensor(c.x, 5), random_tensor(c.w, 6),
                          random_tensor({c.y[3]}, 7)}) == "");
  }
}

TEST_CASE("conv2d_transpose is the way back of the convolution that defines it", "[ops]") {
  std::vector<Case> cases = kCases;
  cases.push_back(kLarge);
  for (const Case& c : cases) {
    INFO(describe(c));
    REQUIRE(conv2d_transpose_shape(c.x, c.w, c.options) == c.y);
    const NaiveConv naive{.stride_y = c.options.stride[0],
                          .stride_x = c.options.stride[1],
                          .dilation_y = c.options.dilation[0],
                          .dilation_x = c.options.dilation[1],
                          .top = c.top,
                          .left = c.left,
                          .groups = c.options.groups};
    const Tensor x = random_tensor(c.x, 1), w = random_tensor(c.w, 2), dy = random_tensor(c.y, 4);
    const Tensors got = passes(c, DType::f64);
    REQUIRE(relative_error(conv2d_transpose(x, w, {}, c.options), naive.grad_x(x, w, c.y)) < 1e-13);
    REQUIRE(relative_error(got[0], naive.grad_x(x, w, c.y) + bias_of(c, DType::f64)) < 1e-13);
    REQUIRE(relative_error(got[1], naive.forward(dy, w, c.x)) < 1e-13);
    REQUIRE(relative_error(got[2], naive.grad_w(dy, x, c.w)) < 1e-13);
  }
}

TEST_CASE("conv2d_transpose gives PyTorch's values", "[ops]") {
  struct Golden {
    const char* name;
    Conv2dTransposeOptions options;
  };
  for (const Golden& g : {Golden{"transpose", {.stride = {2, 1}}},
                          Golden{"transpose_padded",
                                 {.stride = {3, 2},
                                 .padding = Padding::custom,
                                 .pads = {1, 1, 2, 2},
                                 .output_padding = {{2, 1}}}},
                          Golden{"transpose_grouped", {.dilation = {2, 1}, .groups = 2}}}) {
    const std::string prefix = std::string("conv/") + g.name + "_";
    INFO(prefix);
    Tensor x = golden(prefix + "x"), w = golden(prefix + "w"), b = golden(prefix + "b");
    for (Tensor* each : {&x, &w, &b}) each->requires_grad();
    const Tensor y = conv2d_transpose(x, w, b, g.options);
    REQUIRE(relative_error(y, golden(prefix + "y")) < 1e-6);
    y.backward(golden(prefix + "dy"));
    REQUIRE(relative_error(x.grad(), golden(prefix + "dx")) < 1e-6);
    REQUIRE(relative_error(w.grad(), golden(prefix + "dw")) < 1e-6);
    REQUIRE(relative_error(b.grad(), golden(prefix + "db")) < 1e-6);
  }
}

TEST_CASE("conv2d_transpose gives the same bits for any number of threads", "[ops]") {
  const KeepSettings keep;
  set_num_threads(1);
  const Tensors want = passes(kLarge, DType::f32);
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    const Tensors got = passes(kLarge, DType::f32);
    for (std::size_t i = 0; i < want.size(); ++i) {
      INFO("result " << i << " with " << threads << " threads");
      REQUIRE(values(got[i]) == values(want[i]));
    }
  }
}

TEST_CASE("conv2d_transpose says what it wants", "[ops]") {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  const Tensor x = zeros({2, 4, 4, 3}), w = zeros({3, 3, 8, 3});
  const auto with = [&](const Conv2dTransposeOptions& options) {
    return conv2d_transpose(x, w, {}, options);
  };
  REQUIRE_THROWS_WITH(conv2d_transpose(zeros({4, 4}), w),
                      "conv2d_transpose: input must be [N, H, W, C]; got [4, 4]");
  REQUIRE_THROWS_WITH(
      conv2d_transpose(x, zeros({3, 3, 3, 8})),
      "conv2d_transpose: input [2, 4, 4, 3] has 3 channels; weight [3, 3, 3, 8] wants 8");
  REQUIRE_THROWS_WITH(conv2d_transpose(x, w, zeros({3})),
                      "conv2d_transpose: bias must be [8] for weight [3, 3, 8, 3]; got [3]");
  REQUIRE_THROWS_WITH(with({.stride = {0, 1}}),
                      "conv2d_transpose: stride must be at least 1; got 0");
  REQUIRE_THROWS_WITH(with({.stride = {2, 2}, .output_padding = {{0, 2}}}),
                      "conv2d_transpose: output_padding must be at least 0 and below the stride; "
                      "got 2 for a stride of 2");
  REQUIRE_THROWS_WITH(with({.padding = Padding::causal}),
                      "conv2d_transpose: padding must be valid, same or custom");
  // Keras's rule gives an even filter a result that is one row short.
  REQUIRE_THROWS_WITH(
      conv2d_transpose(x, zeros({2, 2, 8, 3}), {},
                       {.padding = Padding::same, .output_padding = {{0, 0}}}),
      "conv2d_transpose: a result of [2, 3, 3, 8] would come from [3, 3], not from input [2, 4, 4, "
      "3]; another output_padding is needed");
  REQUIRE_THROWS_AS(with({.padding = Padding::custom, .pads = {9, 9, 0, 0}}), ShapeError);
  REQUIRE_THROWS_AS(with({.stride = {1 << 30, 1 << 30}}), ShapeError);
  REQUIRE_THROWS_AS(conv2d_transpose(zeros({1, 0, 4, 3}), w), ShapeError);
  REQUIRE_THROWS_AS(conv2d_transpose(x, w.to(DType::f64)), DTypeError);
}

}  // namespace
}  // namespace mien
