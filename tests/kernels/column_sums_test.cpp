// The kernel of kernels/cpu/simd/reduce.cpp.
#include <cmath>
#include <limits>
#include <string>

#include "kernels/api.h"
#include "kernels/parallel.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

Tensor column_sums(const Tensor& x, const Tensor& old, double alpha, double beta) {
  const Tensor y = old.clone();
  cpu_kernels(DType::f32)
      .reduce({.op = ReduceOp::sum,
               .rank = 2,
               .dims = {x.shape()[0], x.shape()[1]},
               .reduced = {true, false},
               .x = x.raw(),
               .y = const_cast<void*>(y.raw()),
               .alpha = alpha,
               .beta = beta},
              nullptr);
  return y;
}

Tensor definition(const Tensor& x, const Tensor& old, double alpha, double beta) {
  const std::int64_t rows = x.shape()[0], columns = x.shape()[1];
  const std::vector<double> from = values(x);
  std::vector<double> sums(static_cast<std::size_t>(columns)), to = values(old);
  for (std::int64_t i = 0; i < rows * columns; ++i)
    sums[std::size_t(i % columns)] += from[std::size_t(i)];
  for (std::size_t j = 0; j < sums.size(); ++j) to[j] = beta * to[j] + alpha * sums[j];
  return Tensor::from(to, old.shape(), {.dtype = DType::f64});
}

const std::vector<Shape> kShapes = {{0, 3},   {1, 1},     {1, 300},    {7, 5},
                                    {64, 16}, {129, 127}, {130, 257},  {1000, 37},
                                    {65, 70}, {5000, 64}, {40000, 33}, {513, 600}};

TEST_CASE("column sums are exact to a last digit, on every instruction set", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const Shape& shape : kShapes) {
      INFO(isa << " " << shape.str());
      // All of one sign: what rounding loses would pile up.
      const Tensor x = random_tensor(shape, 1, 0, 1, DType::f32);
      const Tensor old = random_tensor({shape[1]}, 2, -1, 1, DType::f32);
      REQUIRE(relative_error(column_sums(x, old, 1, 0), definition(x, old, 1, 0)) < 5e-7);
      REQUIRE(relative_error(column_sums(x, old, 0.25, 2), definition(x, old, 0.25, 2)) < 5e-7);
    }
  }
}

TEST_CASE("column sums do not read what they overwrite, and keep infinities", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    INFO(isa);
    const double inf = std::numeric_limits<double>::infinity();
    Tensor x = Tensor::ones({300, 2});
    x.data<float>()[100] = float(inf);
    const std::vector<double> got = values(column_sums(x, Tensor::full({2}, std::nan("")), 1, 0));
    REQUIRE(got == std::vector<double>{inf, 300});
  }
}

TEST_CASE("column sums give the same bits for any number of threads", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const Shape& shape : kShapes) {
      INFO(isa << " " << shape.str());
      const Tensor x = random_tensor(shape, 3, -1, 1, DType::f32);
      const Tensor old = Tensor::zeros({shape[1]});
      set_num_threads(1);
      const Tensor want = column_sums(x, old, 1, 0);
      for (const int threads : {2, 3, 7}) {
        set_num_threads(threads);
        REQUIRE(values(column_sums(x, old, 1, 0)) == values(want));
      }
    }
  }
}

}  // namespace
}  // namespace mien
