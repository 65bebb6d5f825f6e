#include <limits>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Size {
  std::int64_t rows, cols;
};
// Teams of lanes, of a warp and of a block; rows that do not fill a block.
constexpr Size kSizes[] = {{1, 1},  {3, 7},    {37, 7},   {128, 7}, {5, 16},  {3, 17},
                           {9, 76}, {2, 1024}, {3, 1025}, {0, 7},   {1, 5003}};

TEST_CASE("softmax and its logarithm are those of the CPU", "[cuda]") {
  for (const auto [rows, cols] : kSizes) {
    for (const bool log : {false, true}) {
      CAPTURE(rows, cols, log);
      const Tensor x = random_tensor({rows, cols}, 1, -8, 8, DType::f32);
      REQUIRE(twin({x, unwritten({rows, cols})},
                   [&, rows = rows, cols = cols](const KernelTable& k, void* const* b,
                                                 StreamHandle stream) {
                     k.softmax({rows, cols, log, b[0], b[1]}, stream);
                     k.softmax({rows, cols, log, b[1], b[1]}, stream);  // in place
                   }) == "");
    }
  }
}

TEST_CASE("the gradient of softmax is that of the CPU", "[cuda]") {
  for (const auto [rows, cols] : kSizes) {
    for (const double beta : {0.0, 0.5}) {
      CAPTURE(rows, cols, beta);
      const Shape shape{rows, cols};
      const Tensor x = random_tensor(shape, 1, -4, 4, DType::f32);
      const Tensor dy = random_tensor(shape, 2, -1, 1, DType::f32);
      const Tensor dx = beta == 0 ? unwritten(shape) : random_tensor(shape, 3, -1, 1, DType::f32);
      for (const bool log : {false, true}) {
        REQUIRE(twin({x, dy, dx, unwritten(shape)},
                     [&, rows = rows, cols = cols](const KernelTable& k, void* const* b,
                                                   StreamHandle stream) {
                       k.softmax({rows, cols, log, b[0], b[3]}, stream);
                       k.softmax_grad({rows, cols, log, b[1], b[3], b[2], beta}, stream);
                       k.softmax_grad({rows, cols, log, b[1], b[3], b[1], 0}, stream);  // in place
                     }) == "");
      }
    }
  }
}

TEST_CASE("softmax takes large numbers and masked ones", "[cuda]") {
  const double masked = -std::numeric_limits<double>::infinity();
  const Tensor x = Tensor::from({1e5, 1e5 - 1, masked, 3e38, -3e38, 0, -1e5, masked, -1e5}, {3, 3});
  REQUIRE(twin({x, unwritten({3, 3})}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
            k.softmax({3, 3, false, b[0], b[1]}, s);
          }) == "");
}

}  // namespace
}  // namespace mien
