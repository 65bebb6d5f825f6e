// Matrix products of the expression CNN's shapes, as its convolutions' im2col and its dense layers
// have them, on one core; beside each its part of what the core can do in fused multiply-adds. A
// small product of each kind is checked against the one in double first.
//   gemm_bench [--benchmark_filter=REGEX]
#include <memory>
#include <string>

#include "bench/support/fma_peak.h"
#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "mien/base/error.h"
#include "mien/ops/matmul.h"

namespace {

using namespace mien;

struct Product {
  const char* name;
  int m, n, k;
  bool trans_a, trans_b;
};
constexpr Product kProducts[] = {
    {"conv_2_forward", 9216, 128, 1600, false, false},
    {"conv_3_forward", 2304, 512, 1152, false, false},
    {"conv_4_forward", 4608, 512, 4608, false, false},
    {"conv_3_grad_x", 2304, 1152, 512, false, true},
    {"conv_3_grad_w", 1152, 512, 2304, true, false},
    {"dense_forward", 128, 256, 4608, false, false},
    {"dense_grad_w", 4608, 256, 128, true, false},
};

double error_of(const Product& p) {
  const bench::GemmWork work(p.m / 16 + 1, p.n / 16 + 1, p.k / 16 + 1, p.trans_a, p.trans_b);
  work.step();
  const Tensor want = matmul(work.a().to(DType::f64), work.b().to(DType::f64),
                             {.transpose_a = p.trans_a, .transpose_b = p.trans_b});
  return bench::relative_difference(work.y(), want);
}

bool prepare() {
  set_num_threads(1);
  const double peak = bench::fma_peak();
  std::printf("fused multiply-adds on one core: %.1f GFLOP/s\n", peak);
  bool good = true;
  for (const Product& p : kProducts) {
    const std::string name = concat(p.name, "/", p.m, "x", p.n, "x", p.k);
    good = bench::agrees(name, error_of(p), 1e-5) && good;
    const auto work = std::make_shared<bench::GemmWork>(p.m, p.n, p.k, p.trans_a, p.trans_b);
    const auto run = [work, peak](benchmark::State& state) {
      const double begin = bench::now_ms();
      for (auto _ : state) work->step();
      const double ms = bench::now_ms() - begin;
      const double gflops = 1e-6 * work->flop() * double(state.iterations()) / ms;
      state.counters["GFLOP/s"] = gflops;
      if (peak > 0) state.counters["percent_of_peak"] = 100 * gflops / peak;
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
