// One update of all the expression CNN's weights by each optimizer. Checked against the same update
// in double.
//   adam_bench [--benchmark_filter=REGEX]
#include <algorithm>
#include <memory>
#include <string>

#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "mien/base/box.h"
#include "mien/base/error.h"
#include "mien/optim.h"

namespace {

using namespace mien;

constexpr int kWeights = 4'474'759;

Box<optim::Optimizer> optimizer(const std::string& name) {
  if (name == "sgd") return optim::SGD(1e-2, {.momentum = 0.9});
  if (name == "rmsprop") return optim::RMSprop(1e-3);
  if (name == "adamw") return optim::AdamW(1e-3);
  return optim::Adam(1e-3);
}

struct Update {
  Tensor weights;
  Box<optim::Optimizer> optimizer;

  Update(const std::string& name, std::int64_t n, DType dtype)
      : weights(bench::noise({n}, 1).to(dtype).requires_grad()), optimizer(::optimizer(name)) {
    optimizer->bind(std::vector<NamedTensor>{{"w", weights}});
    optimizer->zero_grad();
    weights.backward(bench::noise({n}, 2).to(dtype));  // adds to the gradient
  }
};

double error_of(const std::string& name) {
  const Update got(name, 1001, DType::f32), want(name, 1001, DType::f64);
  for (int i = 0; i < 3; ++i) {
    got.optimizer->step();
    want.optimizer->step();
  }
  return bench::relative_difference(got.weights, want.weights);
}

bool prepare() {
  bool good = true;
  const std::pair<const char*, int> kinds[] = {
      {"adam", 7}, {"adamw", 7}, {"sgd", 5}, {"rmsprop", 5}};
  for (const auto& kind : kinds) {  // with the floats that are read or written for each weight
    const std::string name = kind.first;
    good = bench::agrees(name, error_of(name), 1e-6) && good;
    const auto work = std::make_shared<Update>(name, kWeights, DType::f32);
    bench::time_calls(
        name, [work] { work->optimizer->step(); }, 0, 4.0 * kWeights * kind.second);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
