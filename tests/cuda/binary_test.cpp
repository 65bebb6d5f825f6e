#include <cmath>

#include "lib/ops/broadcasting.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

const BinaryOp kOps[] = {BinaryOp::add, BinaryOp::sub,     BinaryOp::mul,    BinaryOp::div,
                         BinaryOp::pow, BinaryOp::minimum, BinaryOp::maximum};

struct Shapes {
  Shape a, b, out;
};
// The usual ones and some that are not: each way to walk, each with a row's end inside a pack too.
const Shapes kShapes[] = {
    {{1}, {1}, {1}},
    {{3, 7, 5}, {3, 7, 5}, {3, 7, 5}},
    {{2, 6, 6, 64}, {64}, {2, 6, 6, 64}},
    {{7}, {3, 5, 7}, {3, 5, 7}},
    {{20, 12}, {20, 1}, {20, 12}},
    {{20, 7}, {20, 1}, {20, 7}},
    {{1}, {10, 13}, {10, 13}},
    {{4, 1, 3}, {1, 5, 1}, {4, 5, 3}},
    {{2, 1, 3, 1, 2, 1}, {1, 2, 1, 4, 1, 4}, {2, 2, 3, 4, 2, 4}},
    {{0, 4}, {4}, {0, 4}},
};

TEST_CASE("binary functions are those of the CPU, however they broadcast", "[cuda]") {
  for (const BinaryOp op : kOps)
    for (const Shapes& shapes : kShapes) {
      CAPTURE(int(op), shapes.a.str(), shapes.b.str());
      const Tensor a = random_tensor(shapes.a, 1, 0.1, 2, DType::f32);
      const Tensor b = random_tensor(shapes.b, 2, 0.1, 2, DType::f32);
      const BroadcastArgs walk = walk_of(shapes.out, shapes.a, shapes.b);
      REQUIRE(twin({a, b, unwritten(shapes.out)},
                   [&](const KernelTable& k, void* const* p, StreamHandle s) {
                     k.binary({op, walk, p[0], p[1], p[2]}, s);
                   }) == "");
    }
}

TEST_CASE("derivatives of binary functions are those of the CPU", "[cuda]") {
  for (const BinaryOp op : kOps)
    for (const int input : {0, 1})
      for (const Shapes& shapes : {kShapes[1], kShapes[2], kShapes[5], kShapes[8]})
        for (const double beta : {0.0, 0.5}) {
          CAPTURE(int(op), input, shapes.a.str(), shapes.b.str(), beta);
          const Tensor a = random_tensor(shapes.a, 1, 0.1, 2, DType::f32);
          const Tensor b = random_tensor(shapes.b, 2, 0.1, 2, DType::f32);
          const Tensor dy = random_tensor(shapes.out, 3, -1, 1, DType::f32);
          const Tensor old =
              beta == 0 ? unwritten(shapes.out) : random_tensor(shapes.out, 4, -1, 1, DType::f32);
          const BroadcastArgs walk = walk_of(shapes.out, shapes.a, shapes.b);
          const bool reads = op != BinaryOp::add && op != BinaryOp::sub;
          REQUIRE(twin({a, b, dy, old}, [&](const KernelTable& k, void* const* p, StreamHandle s) {
                    const void *const u = reads ? p[0] : nullptr, *const v = reads ? p[1] : nullptr;
                    k.binary_grad({op, input, walk, p[2], u, v, p[3], beta}, s);
                  }) == "");
        }
}

TEST_CASE("minimum and maximum share the gradient of a tie", "[cuda]") {
  const Tensor a = Tensor::from({1, 2, 3, 4, 5}, {5}), b = Tensor::from({2, 2, 2, 4, 6}, {5});
  const Tensor dy = Tensor::full({5}, 3.0);
  for (const BinaryOp op : {BinaryOp::minimum, BinaryOp::maximum})
    for (const int input : {0, 1})
      REQUIRE(twin({a, b, dy, unwritten({5})}, [&](const KernelTable& k, void* const* p,
                                                   StreamHandle s) {
                k.binary_grad({op, input, walk_of({5}, {5}, {5}), p[2], p[0], p[1], p[3], 0}, s);
              }) == "");
}

TEST_CASE("a binary function works in place, and on data that is not aligned", "[cuda]") {
  const Shape shape{5, 12};
  const BroadcastArgs walk = walk_of(shape, shape, {12});
  const Tensor a = random_tensor({61}, 1, -1, 1, DType::f32);
  const Tensor b = random_tensor({13}, 2, -1, 1, DType::f32);
  for (const int a_from : {0, 1})
    for (const int b_from : {0, 1})
      REQUIRE(twin({a, b}, [&](const KernelTable& k, void* const* p, StreamHandle s) {
                float *const at = static_cast<float*>(p[0]) + a_from, *const bias =
                                                                          static_cast<float*>(
                                                                              p[1]) +
                                                                          b_from;
                k.binary({BinaryOp::add, walk, at, bias, at}, s);
                k.binary_grad({BinaryOp::mul, 0, walk, at, at, bias, at, 0}, s);
              }) == "");
}

TEST_CASE("a NaN of either side goes on through minimum and maximum", "[cuda]") {
  const Tensor a = Tensor::from({NAN, 1.0, NAN, INFINITY, -INFINITY}, {5});
  const Tensor b = Tensor::from({1.0, NAN, NAN, 1.0, 1.0}, {5});
  for (const BinaryOp op : {BinaryOp::minimum, BinaryOp::maximum})
    REQUIRE(twin({a, b, unwritten({5})}, [&](const KernelTable& k, void* const* p, StreamHandle s) {
              k.binary({op, walk_of({5}, {5}, {5}), p[0], p[1], p[2]}, s);
            }) == "");
}

TEST_CASE("comparisons are those of the CPU, of integers too", "[cuda]") {
  for (const DType dtype : {DType::f32, DType::i32, DType::u8})
    for (int op = 0; op <= int(CompareOp::greater_equal); ++op)
      for (const Shapes& shapes : {kShapes[1], kShapes[2], kShapes[7]}) {
        CAPTURE(name_of(dtype), op, shapes.a.str(), shapes.b.str());
        const Tensor a = random_tensor(shapes.a, 1, 0, 4, DType::i32).to(dtype);
        const Tensor b = random_tensor(shapes.b, 2, 0, 4, DType::i32).to(dtype);
        const Tensor y = Tensor::full(shapes.out, 9, {.dtype = DType::u8});
        const BroadcastArgs walk = walk_of(shapes.out, shapes.a, shapes.b);
        REQUIRE(
            twin(
                {a, b, y},
                [&](const KernelTable& k, void* const* p, StreamHandle s) {
                  k.compare({CompareOp(op), walk, p[0], p[1], static_cast<std::uint8_t*>(p[2])}, s);
                },
                {.table = dtype}) == "");
      }
}

TEST_CASE("where chooses as the CPU does, and reads 0 from a null", "[cuda]") {
  for (const std::int64_t n : {1, 6, 515})
    for (const double beta : {0.0, 0.5})
      for (const int null : {-1, 0, 1}) {
        CAPTURE(n, beta, null);
        const Tensor condition = random_tensor({n}, 1, 0, 2, DType::u8);
        const Tensor a = random_tensor({n}, 2, -1, 1, DType::f32);
        const Tensor b = random_tensor({n}, 3, -1, 1, DType::f32);
        const Tensor y = beta == 0 ? unwritten({n}) : random_tensor({n}, 4, -1, 1, DType::f32);
        REQUIRE(
            twin({condition, a, b, y}, [&](const KernelTable& k, void* const* p, StreamHandle s) {
              k.where({n, static_cast<const std::uint8_t*>(p[0]), null == 0 ? nullptr : p[1],
                       null == 1 ? nullptr : p[2], p[3], beta},
                      s);
            }) == "");
      }
}

}  // namespace
}  // namespace mien
