// Pooling 2x2, forward and backward, on the shapes of the expression CNN. Checked against the same
// in double.
//   pool_bench [--benchmark_filter=REGEX]
#include <algorithm>
#include <memory>
#include <string>

#include "bench/support/kernel_work.h"
#include "bench/support/programs.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/pool.h"

namespace {

using namespace mien;

struct Pool {
  bool largest;
  Tensor x, dy;

  Pool(const Shape& s, bool max, DType dtype)
      : largest(max),
        x(bench::noise(s, 1).to(dtype)),
        dy(bench::noise({s[0], s[1] / 2, s[2] / 2, s[3]}, 2).to(dtype)) {
    x.requires_grad();
  }
  Tensor pool() const { return largest ? max_pool2d(x) : avg_pool2d(x); }
  Tensor forward() const {
    const NoGradGuard no_grad;
    return pool();
  }
  void both() const {
    x.zero_grad();
    pool().backward(dy);
  }
};

double error_of(const Shape& shape, bool largest) {
  const Pool got(shape, largest, DType::f32), want(shape, largest, DType::f64);
  got.both();
  want.both();
  return std::max(bench::relative_difference(got.forward(), want.forward()),
                  bench::relative_difference(got.x.grad(), want.x.grad()));
}

bool prepare() {
  bool good = true;
  for (const Shape& shape : {Shape{128, 48, 48, 64}, Shape{128, 12, 12, 512}}) {
    for (const bool largest : {true, false}) {
      const std::string name = concat(largest ? "max" : "mean", "/", shape);
      good = bench::agrees(name, error_of(shape, largest), 1e-6) && good;
      const auto work = std::make_shared<Pool>(shape, largest, DType::f32);
      const double tensor = 4.0 * double(shape.numel());
      bench::time_calls(
          name + "/forward", [work] { (void)work->forward(); }, 0, 1.25 * tensor);
      bench::time_calls(
          name + "/both", [work] { work->both(); }, 0, 2.5 * tensor);
    }
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, prepare); }
