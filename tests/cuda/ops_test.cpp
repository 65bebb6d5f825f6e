#include <functional>
#include <string>
#include <vector>

#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops.h"
#include "mien/random.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct OpCase {
  const char* name;
  std::function<Tensor(const Tensors&)> op;
  std::vector<Shape> inputs;
  double low = -2, high = 2;
};

Tensor labels_like(const Tensor& x, std::int64_t n, int classes) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(double(i * 5 % classes));
  return Tensor::from(values, {n}, {.dtype = DType::i32, .device = x.device()});
}

std::vector<OpCase> elementwise_cases() {
  const Shape odd{3, 5, 7};
  return {
      {"add", [](const Tensors& x) { return x[0] + x[1]; }, {odd, {5, 1}}},
      {"sub", [](const Tensors& x) { return x[0] - x[1]; }, {{5, 1}, odd}},
      {"mul", [](const Tensors& x) { return x[0] * x[1]; }, {odd, {3, 1, 7}}},
      {"div", [](const Tensors& x) { return x[0] / x[1]; }, {odd, odd}, 0.5, 2},
      {"pow", [](const Tensors& x) { return pow(x[0], x[1]); }, {odd, {7}}, 0.5, 2},
      {"minimum", [](const Tensors& x) { return minimum(x[0], x[1]); }, {odd, {1}}},
      {"maximum", [](const Tensors& x) { return maximum(x[0], x[1]); }, {odd, odd}},
      {"scale_shift", [](const Tensors& x) { return 3.0 * x[0] - 1; }, {odd}},
      {"pow of a number", [](const Tensors& x) { return pow(x[0], 2.5); }, {odd}, 0.1, 2},
      {"neg", [](const Tensors& x) { return -x[0]; }, {odd}},
      {"exp", [](const Tensors& x) { return exp(x[0]); }, {odd}},
      {"log", [](const Tensors& x) { return log(x[0]); }, {odd}, 0.2, 3},
      {"sqrt", [](const Tensors& x) { return sqrt(x[0]); }, {odd}, 0.1, 3},
      {"square", [](const Tensors& x) { return square(x[0]); }, {odd}},
      {"abs", [](const Tensors& x) { return abs(x[0]); }, {odd}},
      {"sign", [](const Tensors& x) { return sign(x[0]) * x[0]; }, {odd}},
      {"reciprocal", [](const Tensors& x) { return reciprocal(x[0]); }, {odd}, 0.3, 2},
      {"clip", [](const Tensors& x) { return clip(x[0], -0.5, 1); }, {odd}},
      {"where", [](const Tensors& x) { return where(greater(x[0], 0.2), x[0], x[1]); }, {odd, odd}},
      {"where of a number",
       [](const Tensors& x) { return where(less_equal(x[0], x[1]), x[0], 7); },
       {odd, odd}},
      {"relu", [](const Tensors& x) { return relu(x[0]); }, {odd}},
      {"leaky_relu", [](const Tensors& x) { return leaky_relu(x[0], 0.1); }, {odd}},
      {"elu", [](const Tensors& x) { return elu(x[0], 0.7); }, {odd}},
      {"selu", [](const Tensors& x) { return selu(x[0]); }, {odd}},
      {"gelu", [](const Tensors& x) { return gelu(x[0]); }, {odd}},
      {"gelu by tanh", [](const Tensors& x) { return gelu(x[0], {.approximate = true}); }, {odd}},
      {"silu", [](const Tensors& x) { return silu(x[0]); }, {odd}},
      {"sigmoid", [](const Tensors& x) { return sigmoid(x[0]); }, {odd}},
      {"hard_sigmoid", [](const Tensors& x) { return hard_sigmoid(2.0 * x[0]); }, {odd}},
      {"tanh", [](const Tensors& x) { return tanh(x[0]); }, {odd}},
      {"softplus", [](const Tensors& x) { return softplus(x[0]); }, {odd}},
      {"softmax", [](const Tensors& x) { return softmax(x[0]); }, {odd}},
      {"log_softmax", [](const Tensors& x) { return log_softmax(x[0], 1); }, {odd}},
      {"dropout",
       [](const Tensors& x) {
         Generator random(3);
         return dropout(x[0], 0.4, random);
       },
       {odd}},
  };
}

std::vector<OpCase> shape_cases() {
  const Shape cube{4, 3, 6}, image{2, 5, 6, 3};
  return {
      {"sum",
       [](const Tensors& x) {
         return sum(x[0], {0, 2});
       },
       {cube}},
      {"mean", [](const Tensors& x) { return mean(x[0]); }, {cube}},
      {"max", [](const Tensors& x) { return max(x[0], {-1}, {.keepdims = true}); }, {cube}},
      {"min", [](const Tensors& x) { return min(x[0], 1); }, {cube}},
      {"var", [](const Tensors& x) { return var(x[0], 0); }, {cube}},
      {"argmax",
       [](const Tensors& x) { return argmax(x[0], 1).to(x[1].dtype()) * x[1]; },
       {cube, {4, 6}}},
      {"reshape",
       [](const Tensors& x) {
         return reshape(x[0], {6, -1});
       },
       {cube}},
      {"transpose",
       [](const Tensors& x) {
         return transpose(x[0], {2, 0, 1});
       },
       {cube}},
      {"flip", [](const Tensors& x) { return flip(x[0], 1); }, {cube}},
      {"broadcast_to",
       [](const Tensors& x) {
         return broadcast_to(x[0], {5, 3, 6});
       },
       {{3, 1}}},
      {"slice", [](const Tensors& x) { return slice(x[0], 2, {.begin = 1, .end = 5}); }, {cube}},
      {"leading slice", [](const Tensors& x) { return x[0].slice(1, 3); }, {cube}},
      {"pad",
       [](const Tensors& x) {
         return pad(x[0], {{0, 1}, {2, 0}, {1, 1}}, 0.5);
       },
       {cube}},
      {"concatenate",
       [](const Tensors& x) {
         return concatenate({x[0], x[1]}, 1);
       },
       {cube, {4, 2, 6}}},
      {"stack",
       [](const Tensors& x) {
         return stack({x[0], x[1]}, 1);
       },
       {cube, cube}},
      {"gather", [](const Tensors& x) { return gather(x[0], labels_like(x[0], 5, 3), 1); }, {cube}},
      {"one_hot",
       [](const Tensors& x) { return one_hot(labels_like(x[0], 4, 3), 3, x[0].dtype()) * x[0]; },
       {{4, 3}}},
      {"clone and view", [](const Tensors& x) { return x[0].clone().view({-1}); }, {cube}},
      {"max_pool2d",
       [](const Tensors& x) {
         return max_pool2d(x[0], {.size = {3, 2}, .stride = {1, 2}});
       },
       {image}},
      {"avg_pool2d",
       [](const Tensors& x) {
         return avg_pool2d(x[0], {.size = {2, 3}, .padding = Padding::same});
       },
       {image}},
      {"global_max_pool2d", [](const Tensors& x) { return global_max_pool2d(x[0]); }, {image}},
      {"global_avg_pool2d", [](const Tensors& x) { return global_avg_pool2d(x[0]); }, {image}},
      {"upsample2d",
       [](const Tensors& x) {
         return upsample2d(x[0], {.size = {2, 3}});
       },
       {image}},
  };
}

std::vector<OpCase> network_cases() {
  const Shape image{2, 5, 6, 3}, rows{6, 7};
  return {
      {"matmul", [](const Tensors& x) { return matmul(x[0], x[1]); }, {{2, 5, 3}, {2, 3, 4}}},
      {"matmul, both transposed",
       [](const Tensors& x) {
         return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true});
       },
       {{3, 5}, {4, 3}}},
      {"dense", [](const Tensors& x) { return dense(x[0], x[1], x[2]); }, {rows, {7, 5}, {5}}},
      {"conv2d",
       [](const Tensors& x) {
         return conv2d(x[0], x[1], x[2], {.stride = {2, 1}, .padding = Padding::same});
       },
       {image, {3, 2, 3, 4}, {4}}},
      {"conv2d, dilated",
       [](const Tensors& x) {
         return conv2d(x[0], x[1], {}, {.dilation = {1, 2}});
       },
       {image, {2, 2, 3, 5}}},
      {"conv2d, groups",
       [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.groups = 3}); },
       {image, {3, 3, 1, 6}}},
      {"depthwise_conv2d",
       [](const Tensors& x) { return depthwise_conv2d(x[0], x[1]); },
       {image, {3, 3, 3, 2}}},
      {"layer_norm",
       [](const Tensors& x) { return layer_norm(x[0], x[1], x[2]); },
       {rows, {7}, {7}}},
      {"batch_norm",
       [](const Tensors& x) { return batch_norm(x[0], x[1], x[2]).y; },
       {image, {3}, {3}}},
      {"batch_norm with all that may follow",
       [](const Tensors& x) {
         Generator random(3);
         return batch_norm(x[0], x[1], x[2],
                           {.relu = true, .max_pool = true, .dropout = 0.3, .random = &random})
             .y;
       },
       {image, {3}, {3}}},
      {"batch_norm with a residual",
       [](const Tensors& x) {
         return batch_norm(x[0], x[1], x[2], {.residual = x[3], .relu = true}).y;
       },
       {image, {3}, {3}, image}},
      {"categorical_crossentropy of logits",
       [](const Tensors& x) {
         return categorical_crossentropy(softmax(x[1]).detach(), x[0],
                                         {.from_logits = true, .label_smoothing = 0.1});
       },
       {rows, rows}},
      {"categorical_crossentropy",
       [](const Tensors& x) {
         return categorical_crossentropy(softmax(x[1]).detach(), softmax(x[0]),
                                         {.reduction = Reduction::none});
       },
       {rows, rows}},
      {"sparse_categorical_crossentropy",
       [](const Tensors& x) {
         return sparse_categorical_crossentropy(labels_like(x[0], 6, 7), x[0],
                                                {.from_logits = true});
       },
       {rows}},
      {"binary_crossentropy",
       [](const Tensors& x) { return binary_crossentropy(sigmoid(x[1]).detach(), sigmoid(x[0])); },
       {rows, rows}},
      {"mean_squared_error",
       [](const Tensors& x) { return mean_squared_error(x[1].detach(), x[0]); },
       {rows, rows}},
      {"mean_absolute_error",
       [](const Tensors& x) { return mean_absolute_error(x[1].detach(), x[0]); },
       {rows, rows}},
      {"huber",
       [](const Tensors& x) { return huber(x[1].detach(), x[0], {.delta = 0.7}); },
       {rows, rows}},
      {"kl_divergence",
       [](const Tensors& x) { return kl_divergence(softmax(x[1]).detach(), softmax(x[0])); },
       {rows, rows}},
  };
}

// The op's result and the gradients of all inputs, by uneven ones of the result.
Tensors results(const OpCase& each, Device device, DType dtype) {
  Tensors inputs;
  for (std::size_t i = 0; i < each.inputs.size(); ++i)
    inputs.push_back(random_tensor(each.inputs[i], i + 1, each.low, each.high, DType::f32)
                         .to(device)
                         .to(dtype)
                         .requires_grad());
  const Tensor y = each.op(inputs);
  y.backward(random_tensor(y.shape(), 9, -1, 1, DType::f32).to(device).to(dtype));
  Tensors out{y.detach()};
  for (const Tensor& input : inputs)
    if (input.grad().defined()) out.push_back(input.grad());
  return out;
}

}  // namespace

TEST_CASE("every op gives on the device what the CPU gives in double, and its gradients",
          "[cuda]") {
  const Device cuda = cuda_or_skip();
  for (const auto& cases : {elementwise_cases(), shape_cases(), network_cases()}) {
    for (const OpCase& each : cases) {
      INFO(each.name);
      const Tensors wanted = results(each, kCpu, DType::f64), got = results(each, cuda, DType::f32);
      REQUIRE(got.size() == wanted.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        INFO((i == 0 ? "result" : concat("gradient ", i)));
        REQUIRE(got[i].device() == cuda);
        CHECK(relative_error(got[i], wanted[i]) < 1e-5);
      }
    }
  }
}

}  // namespace mien
