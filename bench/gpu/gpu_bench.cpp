// The device's kernels on the shapes of the expression CNN: each is compared with the CPU's, then
// timed. Prints a line of JSON for each; exits with 1 where one computes wrong numbers.
//   gpu_bench [--tiny]    tiny: a few channels, to show that the program works
//   gpu_bench --device    only which device it would use
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "bench/gpu/gpu_timer.h"
#include "kernels/cuda/api.h"
#include "lib/core/kernels_for.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops.h"
#include "mien/runtime.h"

namespace {

using namespace mien;

constexpr Device kGpu{DeviceType::cuda, 0};
bool all_right = true;

struct Case {
  std::string kernel, pass;
  const char* math = "exact";
  double flop = 0, bytes = 0;
  double tolerance = 1e-5;
};

// work queues it on the device; error compares one run with the CPU's.
void measure(const Case& what, double error, const std::function<void()>& work) {
  if (!(error <= what.tolerance)) all_right = false;
  nlohmann::json line = bench::device_time(work);
  line.update({{"kernel", what.kernel},
               {"pass", what.pass},
               {"math", what.math},
               {"flop", what.flop},
               {"bytes", what.bytes},
               {"relative_error", error},
               {"right", error <= what.tolerance}});
  std::printf("%s\n", line.dump().c_str());
}

double bytes_of(std::initializer_list<Tensor> tensors) {
  double sum = 0;
  for (const Tensor& each : tensors) sum += double(each.bytes());
  return sum;
}

double tolerance_of(MatmulMath math) { return math == MatmulMath::tf32 ? 0x1p-10 : 1e-5; }

void convolution(const bench::ConvShape& shape, const char* pass_name, MatmulMath math) {
  const ConvPass pass = bench::conv_pass(pass_name);
  const bench::ConvWork here(shape, pass, ConvMath::exact);
  const bench::ConvWork there(shape, pass, ConvMath::exact, kGpu, math);
  here.step();
  there.step();
  measure({.kernel = bench::name_of(shape),
           .pass = pass_name,
           .math = name_of(math).data(),
           .flop = shape.flop(),
           .bytes = bytes_of({there.x(), there.weight(), there.y()}),
           .tolerance = tolerance_of(math)},
          bench::relative_difference(there.result(), here.result()), [&] { there.step(); });
}

void product(const bench::ProductShape& s, MatmulMath math) {
  const bench::GemmWork here(s.m, s.n, s.k), there(s.m, s.n, s.k, false, false, kGpu, math);
  here.step();
  there.step();
  measure({.kernel = bench::name_of(s),
           .pass = "product",
           .math = name_of(math).data(),
           .flop = there.flop(),
           .bytes = bytes_of({there.a(), there.b(), there.y()}),
           .tolerance = tolerance_of(math)},
          bench::relative_difference(there.y(), here.y()), [&] { there.step(); });
}

// Normalization, ReLU, pooling and dropout behind a convolution.
void normalization(const bench::ConvShape& s) {
  const Tensor x = bench::noise({s.batch, s.side, s.side, s.filters}, 1);
  const Tensor gamma = Tensor::ones({s.filters}), beta = Tensor::zeros({s.filters});
  const auto run = [&](const Tensor& input, const Tensor& g, const Tensor& b) {
    const NoGradGuard quiet;
    Generator random(1);
    return batch_norm(input, g, b,
                      {.relu = true, .max_pool = true, .dropout = 0.25, .random = &random})
        .y;
  };
  const Tensor there = x.to(kGpu), g = gamma.to(kGpu), b = beta.to(kGpu);
  const double error = bench::relative_difference(run(there, g, b), run(x, gamma, beta));
  measure({.kernel = concat("norm, ReLU, pool, dropout ", s.side, "x", s.side, "x", s.filters),
           .pass = "forward",
           .flop = 0,
           .bytes = 2.25 * double(x.bytes()),
           .tolerance = 1e-4},
          error, [&] { run(there, g, b); });
}

void adam(std::int64_t n) {
  std::vector<Tensor> here, there;
  for (int i = 0; i < 4; ++i) {
    here.push_back(i == 2 ? Tensor::full({n}, 0.5) : bench::noise({n}, i + 1));
    there.push_back(here.back().to(kGpu));
  }
  const auto step = [n](const std::vector<Tensor>& t) {
    run("adam", t[0], &KernelTable::adam,
        AdamArgs{.n = n,
                 .w = t[0].raw(),
                 .m = t[1].raw(),
                 .v = t[2].raw(),
                 .g = t[3].raw(),
                 .g_scale = 1,
                 .alpha = 1e-3,
                 .beta1 = 0.9,
                 .beta2 = 0.999,
                 .epsilon = 1e-7,
                 .decay = 0});
  };
  step(here);
  step(there);
  measure({.kernel = concat("Adam, ", n, " weights"), .pass = "update", .bytes = 28.0 * double(n)},
          bench::relative_difference(there[0], here[0]), [&] { step(there); });
}

void run_all(bool tiny) {
  MIEN_CHECK(cuda_devices() > 0, DeviceError, "no CUDA device: ", why_no_cuda());
  for (const MatmulMath math : {MatmulMath::exact, MatmulMath::tf32}) {
    for (const bench::ConvShape& shape : bench::gpu_convolutions(tiny)) {
      convolution(shape, "forward", math);
      if (shape.channels > 1) convolution(shape, "grad_x", math);  // nobody needs the images'
      convolution(shape, "grad_w", math);
    }
    for (const bench::ProductShape& shape : bench::gpu_products(tiny)) product(shape, math);
  }
  for (const bench::ConvShape& shape : bench::gpu_convolutions(tiny)) normalization(shape);
  adam(tiny ? 1001 : 4'480'000);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string option = argc > 1 ? argv[1] : "";
    if (option == "--device") {
      std::printf("%s\n", cuda_devices() == 0 ? "none" : cuda_emulated() ? "emulated" : "real");
      return 0;
    }
    MIEN_CHECK(option.empty() || option == "--tiny", ValueError, "unknown option '", option,
               "'; there are --tiny and --device");
    run_all(option == "--tiny");
    return all_right ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_bench: %s\n", error.what());
    return 2;
  }
}
