#include "kernels/cuda/workspace.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "kernels/cuda/rt.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

struct Block {
  void* begin = nullptr;
  std::size_t bytes = 0;
};
using Blocks = std::map<StreamHandle, Block>;  // by the device's work stream

// Of threads that ended, for those that come. Leaked: a thread may end after main does.
struct Spare {
  std::mutex mutex;
  std::vector<Blocks> blocks;
};
Spare& spare() {
  static Spare* const one = new Spare;
  return *one;
}

// One thread's: launches of two threads alternate in the stream, and what one handed from kernel to
// kernel the other must not overwrite.
class Own {
 public:
  Own() {
    const std::lock_guard lock(spare().mutex);
    if (spare().blocks.empty()) return;
    blocks = std::move(spare().blocks.back());
    spare().blocks.pop_back();
  }
  ~Own() {
    const std::lock_guard lock(spare().mutex);
    spare().blocks.push_back(std::move(blocks));
  }
  Own(const Own&) = delete;
  Own& operator=(const Own&) = delete;

  Blocks blocks;
};

}  // namespace

void* workspace(std::size_t bytes) {
  thread_local Own own;
  Block& block = own.blocks[work_stream()];
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
