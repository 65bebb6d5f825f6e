#pragma once

#include <cstdlib>

#include "kernels/api.h"

namespace mien {

/// Scratch of a kernel call of twin(): on the CPU or on the device, by whose table it is. On the
/// device it ends by waiting for the stream.
class TwinScratch {
 public:
  TwinScratch(const KernelTable& kernels, std::size_t bytes, StreamHandle stream);
  ~TwinScratch();
  TwinScratch(const TwinScratch&) = delete;
  TwinScratch& operator=(const TwinScratch&) = delete;
  void* get() const { return block_; }

 private:
  bool on_cpu_;
  StreamHandle stream_;
  void* block_;
};

/// Whether these are the CPU's.
bool is_cpu(const KernelTable& kernels);

}  // namespace mien
