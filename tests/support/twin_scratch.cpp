#include "tests/support/twin_scratch.h"

#include <algorithm>

#include "kernels/cuda/rt.h"

namespace mien {

bool is_cpu(const KernelTable& kernels) {
  return &kernels == &cpu_kernels(DType::f32) || &kernels == &cpu_kernels(DType::f64);
}

TwinScratch::TwinScratch(const KernelTable& kernels, std::size_t bytes, StreamHandle stream)
    : on_cpu_(is_cpu(kernels)), stream_(stream) {
  bytes = std::max<std::size_t>(bytes, 1);
  block_ = on_cpu_ ? std::aligned_alloc(64, (bytes + 63) / 64 * 64) : cuda::allocate(bytes);
}

TwinScratch::~TwinScratch() {
  if (on_cpu_) {
    std::free(block_);
    return;
  }
  cuda::synchronize(stream_);
  cuda::release(block_);
}

}  // namespace mien
