#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  UnaryOp op;
  double alpha = 0, beta = 0, low = -4, high = 4;
};
const Case kCases[] = {
    {UnaryOp::neg},
    {UnaryOp::exp},
    {.op = UnaryOp::log, .low = 0.1},
    {.op = UnaryOp::sqrt, .low = 0.1},
    {UnaryOp::square},
    {UnaryOp::abs},
    {UnaryOp::sign},
    {.op = UnaryOp::reciprocal, .low = 0.5},
    {.op = UnaryOp::pow, .alpha = 2.5, .low = 0.1},
    {UnaryOp::pow, 3},
    {UnaryOp::pow, 0},
    {UnaryOp::scale_shift, -1.5, 0.25},
    {UnaryOp::clip, -1, 2},
    {UnaryOp::relu},
    {UnaryOp::leaky_relu, 0.2},
    {UnaryOp::elu, 1.5},
    {UnaryOp::selu},
    {UnaryOp::gelu},
    {UnaryOp::gelu_tanh},
    {UnaryOp::silu},
    {UnaryOp::sigmoid},
    {UnaryOp::hard_sigmoid},
    {UnaryOp::tanh},
    {UnaryOp::softplus},
};

TEST_CASE("unary functions are those of the CPU", "[cuda]") {
  for (const Case& c : kCases)
    for (const std::int64_t n : {1, 3, 4, 1030}) {
      CAPTURE(int(c.op), n);
      const Tensor x = random_tensor({n}, 1, c.low, c.high, DType::f32);
      REQUIRE(twin({x, unwritten({n})}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
                k.unary({c.op, n, b[0], b[1], c.alpha, c.beta}, s);
              }) == "");
    }
}

TEST_CASE("a unary function works in place, and on data that is not aligned", "[cuda]") {
  const std::int64_t n = 1030;
  const Tensor x = random_tensor({n + 1}, 1, -4, 4, DType::f32);
  REQUIRE(twin({x}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            k.unary({UnaryOp::relu, n, b[0], b[0], 0, 0}, s);
            float* const odd = static_cast<float*>(b[0]) + 1;
            k.unary({UnaryOp::tanh, n, odd, odd, 0, 0}, s);
          }) == "");
  REQUIRE(twin({x}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            k.unary({UnaryOp::exp, 0, b[0], b[0], 0, 0}, s);
          }) == "");
}

TEST_CASE("unary functions treat infinities and NaN as the CPU does", "[cuda]") {
  const Tensor x = Tensor::from(
      {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e-40, -1e-40, 3e38, -3e38, 90, -90, 1}, {12});
  for (const Case& c : kCases) {
    CAPTURE(int(c.op));
    // NaN is replaced by 0 after it was noted, as it may have other bits.
    REQUIRE(twin({x, unwritten({12}), Tensor::zeros({12}, {.dtype = DType::u8})},
                 [&](const KernelTable& k, void* const* b, StreamHandle s) {
                   auto* const is_number = static_cast<std::uint8_t*>(b[2]);
                   k.unary({c.op, 12, b[0], b[1], c.alpha, c.beta}, s);
                   k.compare({CompareOp::equal, {1, {12}, {1}, {1}}, b[1], b[1], is_number}, s);
                   k.where({12, is_number, b[1], nullptr, b[1], 0}, s);
                 }) == "");
  }
}

TEST_CASE("derivatives of unary functions are those of the CPU", "[cuda]") {
  for (const Case& c : kCases)
    for (const std::int64_t n : {1, 3, 514})
      for (const double beta : {0.0, 1.0, 0.5}) {
        CAPTURE(int(c.op), n, beta);
        const Tensor dy = random_tensor({n}, 2, -1, 1, DType::f32);
        const Tensor x = random_tensor({n}, 1, c.low, c.high, DType::f32);
        const Tensor old = beta == 0 ? unwritten({n}) : random_tensor({n}, 3, -1, 1, DType::f32);
        REQUIRE(twin({dy, x, unwritten({n}), old}, [&](const KernelTable& k, void* const* b,
                                                       StreamHandle s) {
                  k.unary({c.op, n, b[1], b[2], c.alpha, c.beta}, s);
                  const void* const kept_x = keeps(c.op) == Keeps::x ? b[1] : nullptr;
                  const void* const kept_y = keeps(c.op) == Keeps::y ? b[2] : nullptr;
                  k.unary_grad({c.op, n, b[0], kept_x, kept_y, b[3], beta, c.alpha, c.beta}, s);
                }) == "");
      }
}

TEST_CASE("a unary derivative replaces dy, and works on data that is not aligned", "[cuda]") {
  const std::int64_t n = 514;
  const Tensor dy = random_tensor({n + 1}, 1, -1, 1, DType::f32);
  const Tensor y = random_tensor({n + 1}, 2, -1, 1, DType::f32);
  REQUIRE(twin({dy, y}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            k.unary_grad({UnaryOp::relu, n, b[0], nullptr, b[1], b[0], 0, 0, 0}, s);
            float *const dy_odd = static_cast<float*>(b[0]) + 1, *const y_odd =
                                                                     static_cast<float*>(b[1]) + 1;
            k.unary_grad({UnaryOp::tanh, n, dy_odd, nullptr, y_odd, dy_odd, 0, 0, 0}, s);
            k.unary_grad({UnaryOp::neg, n, b[0], nullptr, nullptr, b[0], 0, 0, 0}, s);
          }) == "");
}

}  // namespace
}  // namespace mien
