#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("fill and axpy are those of the CPU", "[cuda]") {
  for (const std::int64_t n : {1, 3, 255, 1000, 70001}) {
    CAPTURE(n);
    const Tensor x = random_tensor({n}, 1, -1, 1, DType::f32);
    REQUIRE(twin({unwritten({n})}, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
              k.fill({.n = n, .y = b[0], .value = 0.1}, stream);
            }) == "");
    for (const double beta : {0.0, 1.0, 0.5}) {
      const Tensor y = beta == 0 ? unwritten({n}) : random_tensor({n}, 2, -1, 1, DType::f32);
      REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                k.axpy({.n = n, .alpha = -1.5, .x = b[0], .y = b[1], .beta = beta}, stream);
              }) == "");
    }
  }
}

TEST_CASE("cast is that of the CPU, also at the ends of the integers", "[cuda]") {
  const Tensor ends =
      Tensor::from({0.5, -0.5, 1e10, -1e10, 254.9, 300, NAN, 3.14159, -7.6, 65504.5}, {10});
  for (const DType to : {DType::f32, DType::bf16, DType::i32, DType::u8}) {
    CAPTURE(name_of(to));
    const Tensor there = Tensor::zeros({10}, {.dtype = to}), back = unwritten({10});
    REQUIRE(twin({ends, there, back}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
              k.cast({.from = DType::f32, .to = to, .n = 10, .x = b[0], .y = b[1]}, s);
              k.cast({.from = to, .to = DType::f32, .n = 10, .x = b[1], .y = b[2]}, s);
            }) == "");
  }
}

TEST_CASE("fill and cast of every type work for any length, on data that is not aligned too",
          "[cuda]") {
  const DType types[] = {DType::f32, DType::bf16, DType::i32, DType::u8};
  for (const DType from : types)
    for (const std::int64_t n : {1, 35, 1029})
      for (const std::int64_t start : {0, 1}) {
        CAPTURE(name_of(from), n, start);
        const Tensor x = random_tensor({n + start}, 1, 0, 255, DType::f32).to(from);
        const auto of = [&](void* p, DType type) {
          return static_cast<std::byte*>(p) + std::size_t(start) * size_of(type);
        };
        REQUIRE(twin({x},
                     [&](const KernelTable& k, void* const* b, StreamHandle s) {
                       k.fill({.n = n, .y = of(b[0], from), .value = 3}, s);
                     },
                     {.table = from}) == "");
        for (const DType to : types) {
          CAPTURE(name_of(to));
          const Tensor y = Tensor::zeros({n + start}, {.dtype = to});
          REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.cast({from, to, n, of(b[0], from), of(b[1], to)}, s);
                  }) == "");
        }
      }
}

TEST_CASE("axpy works on data that is not aligned, and adds a tensor to itself", "[cuda]") {
  const Tensor x = random_tensor({66}, 1, -1, 1, DType::f32);
  REQUIRE(twin({x}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            float* const odd = static_cast<float*>(b[0]) + 1;
            k.axpy({.n = 65, .alpha = 0.5, .x = odd, .y = odd, .beta = 2}, s);
            k.axpy({.n = 66, .alpha = 0.5, .x = b[0], .y = b[0], .beta = 1}, s);
          }) == "");
}

}  // namespace
}  // namespace mien
