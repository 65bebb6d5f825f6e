#include "lib/core/one.h"

#include <array>
#include <mutex>

#include "lib/runtime/allocator.h"

namespace mien {
namespace {

struct Ones {
  std::mutex mutex;
  std::array<std::array<Tensor, 256>, 3> of_device;  // f32, f64, bf16
  std::array<Tensor, 3> of_cpu;
};

// Never destroyed, as the caches that their memory is from.
Ones& ones() {
  static auto* const all = new Ones;
  return *all;
}

}  // namespace

Tensor one_like(const Tensor& y) {
  const auto type = std::size_t(y.dtype());
  const std::lock_guard lock(ones().mutex);
  Tensor& one =
      y.device() == kCpu ? ones().of_cpu.at(type) : ones().of_device.at(type).at(y.device().index);
  if (!one.defined()) {
    const MemoryPool::Pause outside;  // of a captured step's memory, which ends with the step
    one = Tensor::ones({1}, y.options());
  }
  return one.view(y.shape());
}

}  // namespace mien
