// Times steps of an expression network on a constant batch; prints one line of JSON.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/step_options.h"
#include "bench/support/machine.h"
#include "bench/support/work.h"
#include "kernels/cuda/api.h"
#include "mien/base/conv_math.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace {

using namespace mien;
using bench::StepOptions;

constexpr int kLeastSteps = 3, kFailed = 2;

class Steps {
 public:
  explicit Steps(const StepOptions& options)
      : options_(options),
        work_(bench::make_work(
            options.mode, options.model, options.batch,
            {.graph = options.graph == "on",
             .activations = options.precision == "bf16" ? DType::bf16 : DType::f32})) {
    finished(work_->step());
    first_step_s_ = bench::seconds_since_start();
    finished(work_->step());  // after two steps all memory is at hand
  }

  // A device is given several steps before it is waited for, as a training does.
  void timed_step() {
    const int steps = default_device() == kCpu || cuda_emulated() ? 1 : 10;
    const double begin = bench::now_ms();
    Tensor last;
    for (int i = 0; i < steps; ++i) last = work_->step();
    finished(last);
    ms_.push_back((bench::now_ms() - begin) / steps);
  }

  std::size_t size() const { return ms_.size(); }

  void print_summary() const {
    const double median = bench::median(ms_);
    const double least = ms_.empty() ? 0 : *std::min_element(ms_.begin(), ms_.end());
    std::printf(
        "{\"ms_median\": %.4f, \"ms_min\": %.4f, \"images_per_second\": %.1f, "
        "\"peak_rss_mib\": %.1f, \"first_step_s\": %.3f, \"isa\": \"%s\", \"model\": \"%s\", "
        "\"batch\": %d, \"threads\": %d, \"mode\": \"%s\", \"precision\": \"%s\", \"conv\": "
        "\"%s\", \"steps\": %zu, \"cpu\": \"%s\", \"device\": \"%s\", \"graph\": \"%s\"}\n",
        median, least, median > 0 ? options_.batch * 1e3 / median : 0, bench::peak_rss_mib(),
        first_step_s_, std::string(cpu_isa()).c_str(), options_.model.c_str(), options_.batch,
        num_threads(), options_.mode.c_str(), options_.precision.c_str(), options_.conv.c_str(),
        ms_.size(), bench::cpu_name().c_str(), device_text(default_device()).c_str(),
        options_.graph.c_str());
  }

 private:
  // Waits until it is computed.
  static void finished(const Tensor& result) { result.view({-1}).slice(0, 1).item(); }

  const StepOptions& options_;
  std::unique_ptr<bench::Work> work_;
  double first_step_s_ = 0;
  std::vector<double> ms_;
};

void measure(const StepOptions& options) {
  set_num_threads(options.threads);
  set_conv_math(conv_math_named(options.conv));
  set_default_device(device_named(options.device));
  MIEN_CHECK(options.precision == "fp32" || default_device() != kCpu, ValueError, "--precision ",
             options.precision, " needs a CUDA device; this run is on the CPU");
  if (options.precision == "tf32") set_float32_matmul(MatmulMath::tf32);
  Steps steps(options);
  const double end = bench::now_ms() + 1e3 * options.seconds;
  while (steps.size() < kLeastSteps || bench::now_ms() < end) steps.timed_step();
  steps.print_summary();
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  try {
    const std::optional<StepOptions> options = bench::parse_step_options(argc, argv);
    if (options) measure(*options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fer_step: %s\n", error.what());
    return kFailed;
  }
}
