// Whole training steps and predictions of the networks of examples/fer. First the results of a few
// small ones are compared with those of the portable convolution.
//   step_bench [--benchmark_filter=REGEX]
#include <memory>
#include <string>

#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "bench/support/work.h"
#include "mien/base/error.h"
#include "mien/random.h"

namespace {

using namespace mien;

// The loss after a few steps, or the probabilities.
Tensor result(const std::string& mode, const std::string& model, ConvMath math) {
  const ConvMath before = conv_math();
  set_conv_math(math);
  set_random_seed(7);
  const auto work = bench::make_work(mode, model, 4);
  for (int i = 0; i < 2; ++i) work->step();
  const Tensor out = work->step().clone();
  set_conv_math(before);
  return out;
}

bool prepare() {
  bool good = true;
  const auto add = [&good](const std::string& mode, const std::string& model, int batch) {
    const std::string name = concat(mode, "/", model, "/batch:", batch);
    const auto work = std::shared_ptr<bench::Work>(bench::make_work(mode, model, batch));
    bench::time_calls(
        name, [work] { work->step(); }, 0, 0);
  };
  for (const std::string model : {"canonical", "small", "resnet18"}) {
    for (const std::string mode : {"train", "predict"}) {
      const double error = bench::relative_difference(result(mode, model, ConvMath::automatic),
                                                      result(mode, model, ConvMath::reference));
      good = bench::agrees(mode + "/" + model, error, 1e-3) && good;
    }
    add("train", model, model == "resnet18" ? 32 : 128);
    add("predict", model, 1);
  }
  add("predict", "canonical", 128);
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
