#include "kernels/cuda/emulator/emulator.h"
#include "kernels/cuda/rt.h"
#include "mien/base/error.h"
#include "mien/tensor.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"

using namespace mien;

namespace {

// The device has so many bytes beyond those that are taken already.
struct Little {
  explicit Little(std::size_t bytes) : before(emu::options().memory) {
    emu::options().memory = before - cuda::free_memory() + bytes;
  }
  ~Little() { emu::options().memory = before; }
  const std::size_t before;
};

}  // namespace

TEST_CASE("a device out of memory says what was asked, what is in use and what is free", "[cuda]") {
  const Device device = cuda_or_skip();
  empty_cache(device);
  const Little memory(std::size_t(96) << 20);
  const TensorOptions there{.device = device};
  const Tensor held = Tensor::empty({8 << 20}, there);
  std::string message;
  try {
    (void)Tensor::empty({64 << 20}, there);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message == concat("out of memory: 268435456 bytes asked on cuda:0, ",
                          memory_stats(device).live_bytes, " bytes in use by tensors, ",
                          cuda::free_memory(), " bytes free"));
  CHECK(Tensor::full({1}, 3, there).item() == 3);  // what fits still does
}

TEST_CASE("a full device gives back what is free before it refuses", "[cuda]") {
  const Device device = cuda_or_skip();
  empty_cache(device);
  const Little memory(std::size_t(96) << 20);
  const TensorOptions there{.device = device};
  { const Tensor gone = Tensor::empty({17 << 20}, there); }  // 68 MiB, kept for the next
  CHECK(memory_stats(device).cached_bytes >= std::size_t(68) << 20);
  const Tensor larger = Tensor::empty({22 << 20}, there);
  CHECK(larger.numel() == 22 << 20);
}
