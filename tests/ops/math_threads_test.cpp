#include <cstddef>
#include <vector>

#include "mien/ops.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// The bytes of the results and of the inputs' gradients, one after the other.
std::vector<std::byte> bytes_of(Tensor (*op)(const Tensors&), const Tensors& inputs, int threads) {
  set_num_threads(threads);
  Tensors leaves;
  for (const Tensor& input : inputs) leaves.push_back(input.clone().detach().requires_grad());
  const Tensor y = op(leaves);
  y.backward(random_tensor(y.shape(), 9, -1, 1, y.dtype()));
  set_num_threads(0);
  std::vector<std::byte> out;
  const auto append = [&](const Tensor& x) {
    const std::byte* from = static_cast<const std::byte*>(x.raw());
    out.insert(out.end(), from, from + x.bytes());
  };
  append(y);
  for (const Tensor& leaf : leaves) append(leaf.grad());
  return out;
}

struct Case {
  const char* name;
  Tensor (*op)(const Tensors&);
  Shapes inputs;
};

// Sizes that are cut into several pieces.
const Case kCases[] = {
    {"gelu", [](const Tensors& x) { return gelu(x[0]); }, {{70001}}},
    {"relu", [](const Tensors& x) { return relu(x[0] * 1.5) + x[0]; }, {{3, 30001}}},
    {"a bias", [](const Tensors& x) { return x[0] + x[1]; }, {{50001, 7}, {7}}},
    {"a wide bias", [](const Tensors& x) { return x[0] * x[1]; }, {{700, 513}, {513}}},
    {"a column", [](const Tensors& x) { return x[0] / (x[1] + 3.0); }, {{90, 1201}, {90, 1}}},
    {"a scalar", [](const Tensors& x) { return x[0] * x[1]; }, {{200003}, {}}},
    {"an outer product", [](const Tensors& x) { return maximum(x[0], x[1]); }, {{301, 1}, {401}}},
    {"where",
     [](const Tensors& x) { return where(greater(x[0], 0), x[0], x[1]); },
     {{300, 301}, {301}}},
    {"sum of all", [](const Tensors& x) { return sum(x[0]); }, {{500009}}},
    {"sum of rows", [](const Tensors& x) { return sum(x[0], 1); }, {{3, 100003}}},
    {"mean of columns", [](const Tensors& x) { return mean(x[0], 0); }, {{60001, 5}}},
    {"var over images",
     [](const Tensors& x) {
       return var(x[0], {0, 1, 2});
     },
     {{4, 40, 41, 17}}},
    {"max of the middle", [](const Tensors& x) { return max(x[0], 1); }, {{5, 6000, 3}}},
    {"scattered sum",
     [](const Tensors& x) {
       return sum(x[0], {0, 2});
     },
     {{40, 30, 20, 10}}},
    {"softmax", [](const Tensors& x) { return softmax(x[0]); }, {{9001, 7}}},
    {"log_softmax", [](const Tensors& x) { return log_softmax(x[0], 0); }, {{50, 1003}}},
    {"transpose",
     [](const Tensors& x) {
       return transpose(x[0], {0, 2, 1});
     },
     {{3, 101, 203}}},
    {"concatenate",
     [](const Tensors& x) {
       return concatenate({x[0], x[1], x[0]});
     },
     {{300, 101}, {300, 57}}},
    {"gather",
     [](const Tensors& x) {
       std::vector<double> index(9000);
       for (std::size_t i = 0; i < index.size(); ++i) index[i] = double(i * i % 37);
       return gather(x[0], Tensor::from(index, {9000}, {.dtype = DType::i32}), 1);
     },
     {{3, 37, 5}}},
};

TEST_CASE("results and gradients are the same bits for 1, 2 and 3 threads", "[ops]") {
  for (const Case& each : kCases) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      INFO(each.name << ", " << name_of(dtype));
      Tensors inputs;
      for (const Shape& shape : each.inputs)
        inputs.push_back(random_tensor(shape, inputs.size() + 1, -1, 1, dtype));
      const auto one = bytes_of(each.op, inputs, 1);
      REQUIRE(one == bytes_of(each.op, inputs, 2));
      REQUIRE(one == bytes_of(each.op, inputs, 3));
    }
  }
}

TEST_CASE("argmax gives the same for 1, 2 and 3 threads", "[ops]") {
  const Tensor x = random_tensor({9001, 7}, 1);
  set_num_threads(1);
  const auto one = values(argmax(x));
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    REQUIRE(values(argmax(x)) == one);
  }
  set_num_threads(0);
}

}  // namespace
}  // namespace mien
