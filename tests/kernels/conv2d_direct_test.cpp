// The kernels of conv2d_direct.cpp and correlate.cpp.
#include <limits>

#include "kernels/parallel.h"
#include "tests/support/catch.h"
#include "tests/support/conv_kernel.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

const std::vector<ConvKernel> kCases = {
    {1, 1, 1, 1, 1, 1, 1},
    {2, 6, 6, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {2, 7, 5, 5, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {3, 9, 8, 37, 51, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
    {1, 3, 2, 17, 33, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},
    {2, 8, 9, 16, 20, 3, 2},
    {5, 7, 6, 24, 40, 1, 1},
    {3, 7, 8, 24, 40, 1, 1, 2, 2},                     // three phases without a tap
    {1, 4, 4, 18, 6, 1, 1, 1, 1, 1, 1, 1, 0, 0, 2},    // padded, though 1x1
    {2, 8, 12, 16, 34, 3, 3, 2, 2, 1, 1, 0, 0, 1, 1},  // stride 2 as Keras pads it
    {2, 9, 7, 20, 34, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1},   // and as PyTorch does
    {2, 11, 10, 6, 7, 4, 3, 3, 2, 1, 1, 2, 1, 1, 0},
    {1, 11, 10, 5, 9, 2, 1, 4, 3},                      // strides beyond the filter
    {1, 2, 9, 5, 9, 1, 2, 3, 5},                        // and beyond the image
    {1, 3, 4, 5, 18, 2, 2, 1, 1, 1, 1, 3, 2, 2, 4},     // windows wholly inside the padding
    {2, 9, 8, 19, 21, 3, 3, 1, 1, 2, 3, 2, 3, 2, 3},    // dilated
    {1, 9, 8, 9, 10, 3, 3, 2, 1, 1, 2, 1, 2, 1, 2},     // strided and dilated, not both along one
    {1, 9, 8, 9, 10, 3, 3, 2, 1, 2, 1, 1, 1, 1, 1},     // both: the portable kernel's gradient
    {1, 5, 4, 300, 66, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},   // several chunks of a panel
    {9, 13, 14, 96, 18, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},  // several blocks of images
    {1, 40, 33, 8, 12, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},   // bands of one image
};

Tensor noise(const Shape& shape, std::uint64_t seed) {
  return random_tensor(shape, seed, -1, 1, DType::f32);
}

TEST_CASE("the direct convolution is its definition, on every instruction set", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const ConvKernel& c : kCases) {
      INFO(isa << " " << c.str());
      const Tensor x = noise(c.x(), 1), w = noise(c.weight(), 2), bias = noise({c.oc}, 3),
                   dy = noise(c.y(), 4);
      REQUIRE(relative_error(c.forward(x, w, {}), c.naive().forward(x, w, c.y())) < 2e-6);
      REQUIRE(relative_error(c.forward(x, w, bias), c.forward(x, w, bias, ConvMath::reference)) <
              2e-6);
      // What lies there before must not be read.
      const Tensor nan = Tensor::full(c.x(), std::numeric_limits<double>::quiet_NaN());
      REQUIRE(relative_error(c.grad_x(dy, w, nan, 0), c.naive().grad_x(dy, w, c.x())) < 2e-6);
      for (const double beta : {1.0, -0.5})
        REQUIRE(relative_error(c.grad_x(dy, w, x, beta),
                               c.grad_x(dy, w, x, beta, ConvMath::reference)) < 2e-6);
    }
  }
}

TEST_CASE(
    "the direct convolution gives the same bits for any number of threads, and with filters "
    "packed once",
    "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (ConvKernel c : kCases) {
      INFO(isa << " " << c.str());
      const Tensor x = noise(c.x(), 1), w = noise(c.weight(), 2), dy = noise(c.y(), 4);
      c.packed = false;
      set_num_threads(1);
      const Tensor y = c.forward(x, w, {}), dx = c.grad_x(dy, w, x, 1);
      for (const int threads : {1, 2, 3, 7}) {
        set_num_threads(threads);
        c.packed = threads % 2 == 1;
        REQUIRE(values(c.forward(x, w, {})) == values(y));
        REQUIRE(values(c.grad_x(dy, w, x, 1)) == values(dx));
      }
    }
  }
}

}  // namespace
}  // namespace mien
