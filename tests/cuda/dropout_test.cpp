#include <limits>

#include "kernels/cuda/api.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr std::uint64_t kSeed = 0x123456789abcdefull, kStream = (std::uint64_t(1) << 40) + 7;
constexpr TwinOptions kSameBits{.tolerance = 0};

TEST_CASE("dropout gives the CPU's bits", "[cuda]") {
  for (const std::int64_t n : {1, 3, 4, 7, 1000, 40001}) {
    for (const double rate : {0.0, 0.25, 0.3, 1.0}) {
      CAPTURE(n, rate);
      const Tensor x = random_tensor({n}, 1, -1, 1, DType::f32);
      REQUIRE(twin(
                  {x, unwritten({n})},
                  [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                    k.dropout({n, b[0], b[1], rate, 0.0, kSeed, kStream}, stream);
                    k.dropout({n, b[0], b[0], rate, 0.0, kSeed, kStream + 1}, stream);  // in place
                  },
                  kSameBits) == "");
    }
  }
}

TEST_CASE("dropout adds to what is there, also where nothing is aligned", "[cuda]") {
  const std::int64_t n = 1001;
  const Tensor x = random_tensor({n + 1}, 1, -1, 1, DType::f32);
  const Tensor y = random_tensor({n + 1}, 2, -1, 1, DType::f32);
  for (const int offset : {0, 1}) {
    CAPTURE(offset);
    REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle stream) {
              k.dropout({n, static_cast<float*>(b[0]) + offset, static_cast<float*>(b[1]) + offset,
                         0.4, 0.5, kSeed, kStream},
                        stream);
            }) == "");
  }
}

TEST_CASE("dropout drops NaN too, and shifts its stream by what lies on the device", "[cuda]") {
  const std::int64_t n = 403;
  const Tensor shift = Tensor::from({3, 0}, {2}, {.dtype = DType::i32});  // a word of 64 bits
  REQUIRE(twin(
              {random_tensor({n}, 1, -1, 1, DType::f32), unwritten({n}), unwritten({n}), shift},
              [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                const bool on_device = &k == &cuda_kernels(DType::f32);
                k.dropout(
                    {.n = n,
                     .x = b[0],
                     .y = b[2],
                     .rate = 0.5,
                     .beta = 0,
                     .seed = kSeed,
                     .stream = on_device ? kStream : kStream + 3,
                     .stream_shift = on_device ? static_cast<const std::uint64_t*>(b[3]) : nullptr},
                    stream);
                k.dropout({n, b[1], b[1], 1.0, 0.0, kSeed, kStream}, stream);
              },
              kSameBits) == "");
}

}  // namespace
}  // namespace mien
