#include "kernels/cuda/workspace.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "kernels/cuda/rt.h"
#include "mien/base/error.h"

namespace mien::cuda {

void* workspace(std::size_t bytes) {
  struct Block {
    void* begin = nullptr;
    std::size_t bytes = 0;
  };
  static std::mutex mutex;
  static auto& blocks = *new std::map<StreamHandle, Block>;  // by the device's work stream
  const std::lock_guard lock(mutex);
  Block& block = blocks[work_stream()];
  if (block.bytes >= bytes) return block.begin;
  // At least doubled: then what is left behind is never more than what is in use.
  const std::size_t size = std::max({bytes, 2 * block.bytes, std::size_t(1) << 20});
  void* larger = allocate(size);
  MIEN_CHECK(larger, Error, "out of memory: ", size, " bytes asked for a kernel's workspace, ",
             free_memory(), " bytes free");
  block = {larger, size};
  return larger;
}

}  // namespace mien::cuda
