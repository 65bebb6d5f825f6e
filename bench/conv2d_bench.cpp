// The three passes of conv2d on the shapes of the expression CNN, as mien chooses to do them and
// without Winograd. Before it is timed each is checked against the definition, in double, for one
// image, and for all of them against the portable convolution.
//   conv2d_bench [--benchmark_filter=REGEX]
#include <algorithm>
#include <memory>
#include <string>

#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "mien/base/error.h"
#include "tests/support/naive_conv.h"

namespace {

using namespace mien;

constexpr int kBatch = 32;
constexpr bench::ConvShape kLayers[] = {{kBatch, 48, 1, 64, 3},
                                        {kBatch, 24, 64, 128, 5},
                                        {kBatch, 12, 128, 512, 3},
                                        {kBatch, 6, 512, 512, 3}};

// Of one image.
double error_of(bench::ConvShape shape, ConvPass pass, ConvMath math) {
  shape.batch = 1;
  const bench::ConvWork work(shape, pass, math);
  const NaiveConv naive{.top = shape.size / 2, .left = shape.size / 2};
  const Tensor want =
      pass == ConvPass::forward  ? naive.forward(work.x(), work.weight(), work.y().shape())
      : pass == ConvPass::grad_x ? naive.grad_x(work.y(), work.weight(), work.x().shape())
                                 : naive.grad_w(work.x(), work.y(), work.weight().shape());
  work.step();
  return bench::relative_difference(work.result(), want);
}

// Of the whole batch, for which another algorithm may be chosen, against the portable convolution.
double difference(const bench::ConvShape& shape, ConvPass pass, ConvMath math) {
  const bench::ConvWork got(shape, pass, math), want(shape, pass, ConvMath::reference);
  got.step();
  want.step();
  return bench::relative_difference(got.result(), want.result());
}

bool prepare() {
  bool good = true;
  for (const bench::ConvShape& shape : kLayers) {
    for (const char* pass_name : {"forward", "grad_x", "grad_w"}) {
      for (const ConvMath math : {ConvMath::automatic, ConvMath::exact}) {
        const ConvPass pass = bench::conv_pass(pass_name);
        const std::string name =
            concat(shape.channels, "_to_", shape.filters, "_", shape.size, "x", shape.size, "_at_",
                   shape.side, "/", pass_name, "/", name_of(math));
        // Winograd's transforms cost about a digit.
        const double limit = math == ConvMath::exact ? 1e-5 : 1e-4;
        good = bench::agrees(name,
                             std::max(error_of(shape, pass, math), difference(shape, pass, math)),
                             limit) &&
               good;
        const auto work = std::make_shared<bench::ConvWork>(shape, pass, math);
        bench::time_calls(
            name, [work] { work->step(); }, shape.flop(), 0);
      }
    }
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
