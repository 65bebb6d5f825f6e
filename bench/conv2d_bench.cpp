// The three passes of conv2d on the shapes of the expression CNN. Each shape is checked against the
// definition, in double, before it is timed.
// The column CPU adds up all threads: far below threads x time, the machine was busy elsewhere.
//   conv2d_bench [--benchmark_filter=REGEX]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/support/machine.h"
#include "kernels/api.h"
#include "kernels/parallel.h"
#include "lib/runtime/allocator.h"
#include "mien/runtime.h"
#include "tests/support/naive_conv.h"

namespace {

using namespace mien;

struct Layer {
  const char* name;
  int size, c, oc, k;  // square images and filters, stride 1, padding "same"
};
constexpr Layer kLayers[] = {
    {"1_to_64_3x3_at_48", 48, 1, 64, 3},
    {"64_to_128_5x5_at_24", 24, 64, 128, 5},
    {"128_to_512_3x3_at_12", 12, 128, 512, 3},
    {"512_to_512_3x3_at_6", 6, 512, 512, 3},
};
struct Pass {
  const char* name;
  ConvPass pass;
};
constexpr Pass kPasses[] = {
    {"forward", ConvPass::forward}, {"grad_x", ConvPass::grad_x}, {"grad_w", ConvPass::grad_w}};

Tensor noise(const Shape& shape, int seed) {
  Tensor out = Tensor::empty(shape);
  std::uint32_t state = std::uint32_t(seed) * 2654435761u + 1;
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    state = state * 1664525u + 1013904223u;
    out.data<float>()[i] = float(state >> 8) / float(1 << 23) - 1;
  }
  return out;
}

struct Work {
  Tensor x, w, y;
  Conv2dArgs args;

  Work(const Layer& layer, ConvPass pass, int batch)
      : x(noise({batch, layer.size, layer.size, layer.c}, 1)),
        w(noise({layer.k, layer.k, layer.c, layer.oc}, 2)),
        y(noise({batch, layer.size, layer.size, layer.oc}, 3)),
        args{.n = batch,
             .h = layer.size,
             .w = layer.size,
             .c = layer.c,
             .oh = layer.size,
             .ow = layer.size,
             .oc = layer.oc,
             .kh = layer.k,
             .kw = layer.k,
             .sh = 1,
             .sw = 1,
             .dh = 1,
             .dw = 1,
             .pt = layer.k / 2,
             .pl = layer.k / 2,
             .groups = 1,
             .pass = pass,
             .math = ConvMath::automatic,
             .x = x.raw(),
             .weight = w.raw(),
             .y = y.raw(),
             .bias = nullptr,
             .beta = 0} {}

  void run() const {
    const KernelTable& kernels = cpu_kernels(DType::f32);
    const Plan plan = kernels.conv2d_plan(args);
    const Scratch scratch(kCpu, plan.scratch);
    kernels.conv2d(args, plan, scratch.get(), nullptr);
  }
};

double relative_difference(const Tensor& got, const Tensor& want) {
  const std::vector<double> a = values(got), b = values(want);
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return difference / largest;
}

// Of one image. Prints the error; false where it is too large for f32.
bool agrees(const Layer& layer, const Pass& pass) {
  const Work work(layer, pass.pass, 1);
  const NaiveConv naive{.top = layer.k / 2, .left = layer.k / 2};
  const Tensor want = pass.pass == ConvPass::forward ? naive.forward(work.x, work.w, work.y.shape())
                      : pass.pass == ConvPass::grad_x
                          ? naive.grad_x(work.y, work.w, work.x.shape())
                          : naive.grad_w(work.x, work.y, work.w.shape());
  work.run();
  const Tensor& got = pass.pass == ConvPass::forward  ? work.y
                      : pass.pass == ConvPass::grad_x ? work.x
                                                      : work.w;
  const double error = relative_difference(got, want);
  std::printf("%-22s %-8s error against the definition: %.1e\n", layer.name, pass.name, error);
  return error < 1e-5;
}

void time_pass(benchmark::State& state, const Layer& layer, const Pass& pass) {
  const int batch = int(state.range(0));
  const Work work(layer, pass.pass, batch);
  for (auto _ : state) work.run();
  const double flop =
      2.0 * batch * layer.size * layer.size * layer.k * layer.k * layer.c * layer.oc;
  state.counters["GFLOP/s"] =
      benchmark::Counter(flop * 1e-9 * double(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("cpu", bench::cpu_name());
  benchmark::AddCustomContext("instruction_set", std::string(cpu_isa()));
  benchmark::AddCustomContext("threads", std::to_string(num_threads()));
  bool all_agree = true;
  for (const Layer& layer : kLayers) {
    for (const Pass& pass : kPasses) {
      all_agree = agrees(layer, pass) && all_agree;
      const std::string name = std::string(layer.name) + "/" + pass.name;
      benchmark::RegisterBenchmark(
          name.c_str(), [&layer, &pass](benchmark::State& state) { time_pass(state, layer, pass); })
          ->ArgName("batch")
          ->Arg(32)
          ->UseRealTime()
          ->MeasureProcessCPUTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  if (!all_agree) {
    std::fprintf(stderr, "conv2d_bench: a pass disagrees with the definition\n");
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
