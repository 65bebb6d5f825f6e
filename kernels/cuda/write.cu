#include "kernels/cuda/lang.cuh"

namespace mien::cuda {
namespace {

struct Words {
  std::uint32_t value[DeviceApi::kSmall];
};

__global__ void __launch_bounds__(DeviceApi::kSmall)
    write_kernel(std::uint32_t* to, Words words, int n) {
  if (int(threadIdx.x) < n) to[threadIdx.x] = words.value[threadIdx.x];
}

}  // namespace

void write(std::uint32_t* to, const std::uint32_t* words, int n, StreamHandle stream) {
  Words taken{};
  for (int i = 0; i < n; ++i) taken.value[i] = words[i];
  launch({.name = "write", .stream = stream, .grid = dim3(1), .block = dim3(DeviceApi::kSmall)},
         write_kernel, to, taken, n);
}

}  // namespace mien::cuda
