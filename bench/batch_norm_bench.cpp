// Batch normalization in training and in inference, forward and backward, on the shapes of the
// expression CNN. Checked against the same in double.
//   batch_norm_bench [--benchmark_filter=REGEX]
#include <algorithm>
#include <memory>
#include <string>

#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/batch_norm.h"

namespace {

using namespace mien;

struct Norm {
  Tensor x, gamma, beta, dy;
  BatchNormOptions options;

  Norm(const Shape& shape, DType dtype, bool training)
      : x(bench::noise(shape, 1).to(dtype)),
        gamma(bench::noise({shape[-1]}, 2).to(dtype)),
        beta(bench::noise({shape[-1]}, 3).to(dtype)),
        dy(bench::noise(shape, 4).to(dtype)) {
    x.requires_grad();
    gamma.requires_grad();
    beta.requires_grad();
    if (!training)
      options = {.mean = bench::noise({shape[-1]}, 5).to(dtype),
                 .variance = Tensor::ones({shape[-1]}, {.dtype = dtype})};
  }
  Tensor forward() const {
    const NoGradGuard no_grad;
    return batch_norm(x, gamma, beta, options).y;
  }
  void both() const {
    for (const Tensor* each : {&x, &gamma, &beta}) each->zero_grad();
    batch_norm(x, gamma, beta, options).y.backward(dy);
  }
};

double error_of(const Shape& shape, bool training) {
  const Norm got(shape, DType::f32, training), want(shape, DType::f64, training);
  got.both();
  want.both();
  return std::max({bench::relative_difference(got.forward(), want.forward()),
                   bench::relative_difference(got.x.grad(), want.x.grad()),
                   bench::relative_difference(got.gamma.grad(), want.gamma.grad()),
                   bench::relative_difference(got.beta.grad(), want.beta.grad())});
}

bool prepare() {
  bool good = true;
  for (const Shape& shape : {Shape{128, 48, 48, 64}, Shape{128, 12, 12, 512}, Shape{128, 512}}) {
    for (const bool training : {true, false}) {
      const std::string name = concat(training ? "training" : "inference", "/", shape);
      good = bench::agrees(name, error_of(shape, training), 1e-4) && good;
      const auto work = std::make_shared<Norm>(shape, DType::f32, training);
      const double tensor = 4.0 * double(shape.numel());
      bench::time_calls(
          name + "/forward", [work] { (void)work->forward(); }, 0, 2 * tensor);
      bench::time_calls(
          name + "/both", [work] { work->both(); }, 0, 5 * tensor);
    }
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
