#include <vector>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

const DType kTypes[] = {DType::f32, DType::bf16, DType::i32, DType::u8};

struct Case {
  const char* what;
  std::vector<std::int64_t> dims, x_strides, y_strides;
  std::int64_t x_size, y_size, x_from = 0, y_from = 0;
};
const Case kCases[] = {
    {"one run", {3, 5, 67}, {335, 67, 1}, {335, 67, 1}, 1005, 1005},
    {"one run that is not aligned", {100}, {1}, {1}, 101, 103, 1, 3},
    {"a transposed matrix", {65, 33}, {1, 65}, {33, 1}, 2145, 2145},
    {"the other way round", {33, 65}, {65, 1}, {1, 33}, 2145, 2145},
    {"a small transposed matrix", {7, 5}, {1, 7}, {5, 1}, 35, 35},
    {"NHWC to NCHW", {2, 64, 5, 7}, {2240, 1, 448, 64}, {2240, 35, 7, 1}, 4480, 4480},
    {"NHWC to NCHW of 3 channels", {2, 3, 6, 6}, {108, 1, 18, 3}, {108, 36, 6, 1}, 216, 216},
    {"all six axes turned round",
     {2, 3, 2, 3, 2, 20},
     {1, 2, 6, 12, 36, 72},
     {720, 240, 120, 40, 20, 1},
     1440,
     1440},
    {"a flip", {4, 9, 5}, {45, -5, 1}, {45, 5, 1}, 180, 180, 40},
    {"every second column", {6, 8}, {16, 2}, {8, 1}, 96, 48},
    {"rows into a wider array", {6, 16}, {16, 1}, {32, 1}, 96, 192, 0, 16},
    {"odd rows into a wider array", {6, 7}, {7, 1}, {10, 1}, 42, 60, 0, 2},
    {"a transpose into a wider array", {20, 40}, {1, 20}, {50, 1}, 800, 1000, 0, 5},
    {"a repeated column", {20, 48}, {1, 0}, {48, 1}, 20, 960},
    {"a repeated row", {20, 48}, {0, 1}, {48, 1}, 48, 960},
    {"a repeated element", {50}, {0}, {1}, 1, 50},
    {"nothing", {0, 4}, {4, 1}, {4, 1}, 0, 0},
};

TEST_CASE("copies of every kind are those of the CPU, of every type", "[cuda]") {
  for (const Case& c : kCases)
    for (const DType dtype : kTypes)
      for (const double beta : {0.0, 0.5}) {
        if (beta != 0 && dtype != DType::f32) continue;
        CAPTURE(c.what, name_of(dtype), beta);
        const Tensor x = random_tensor({c.x_size}, 1, 0, 200, DType::f32).to(dtype);
        const Tensor y = random_tensor({c.y_size}, 2, 0, 200, DType::f32).to(dtype);
        CopyArgs a{};
        a.rank = int(c.dims.size());
        std::copy(c.dims.begin(), c.dims.end(), a.dims);
        std::copy(c.x_strides.begin(), c.x_strides.end(), a.x_strides);
        std::copy(c.y_strides.begin(), c.y_strides.end(), a.y_strides);
        a.beta = beta;
        REQUIRE(twin({x, y},
                     [&](const KernelTable& k, void* const* b, StreamHandle s) {
                       a.x = static_cast<std::byte*>(b[0]) + std::size_t(c.x_from) * size_of(dtype);
                       a.y = static_cast<std::byte*>(b[1]) + std::size_t(c.y_from) * size_of(dtype);
                       k.copy(a, s);
                     },
                     {.table = dtype}) == "");
      }
}

struct Sizes {
  std::int64_t outer, axis, inner, count;
};
const Sizes kSizes[] = {{1, 1, 1, 1},  {1, 9, 1, 30}, {3, 5, 7, 8},   {2, 6, 64, 5},
                        {4, 3, 16, 3}, {1, 40, 3, 7}, {2, 4, 5, 100}, {3, 1, 8, 1},
                        {0, 4, 4, 2},  {2, 4, 4, 0},  {2, 3, 0, 2}};

Tensor indices_of(const Sizes& z) {
  return random_tensor({z.count}, 3, 0, double(z.axis), DType::i32);
}

TEST_CASE("gather is that of the CPU, of every type", "[cuda]") {
  for (const Sizes& z : kSizes)
    for (const DType dtype : kTypes) {
      CAPTURE(z.outer, z.axis, z.inner, z.count, name_of(dtype));
      const Tensor x = random_tensor({z.outer * z.axis * z.inner}, 1, 0, 200, DType::f32).to(dtype);
      const Tensor y = Tensor::full({z.outer * z.count * z.inner}, 77, {.dtype = dtype});
      REQUIRE(twin({x, indices_of(z), y},
                   [&](const KernelTable& k, void* const* b, StreamHandle s) {
                     k.gather({z.outer, z.axis, z.inner, z.count,
                               static_cast<const std::int32_t*>(b[1]), b[0], b[2]},
                              s);
                   },
                   {.table = dtype}) == "");
    }
}

TEST_CASE("the gradient of gather adds rows of one place in their order, as on the CPU", "[cuda]") {
  for (const Sizes& z : kSizes)
    for (const double beta : {0.0, 1.0, 0.5}) {
      CAPTURE(z.outer, z.axis, z.inner, z.count, beta);
      const Tensor dy = random_tensor({z.outer * z.count * z.inner}, 1, -1, 1, DType::f32);
      const Shape shape{z.outer * z.axis * z.inner};
      const Tensor dx = beta == 0 ? unwritten(shape) : random_tensor(shape, 2, -1, 1, DType::f32);
      REQUIRE(
          twin({dy, indices_of(z), dx}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            k.gather_grad({z.outer, z.axis, z.inner, z.count,
                           static_cast<const std::int32_t*>(b[1]), b[0], b[2], beta},
                          s);
          }) == "");
    }
}

}  // namespace
}  // namespace mien
